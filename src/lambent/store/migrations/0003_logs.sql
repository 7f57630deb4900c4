-- Log groups become things of their own, and chunks are found by the times of their events.
ALTER TABLE log_chunks RENAME TO old_log_chunks;
ALTER TABLE log_streams RENAME TO old_log_streams;

-- A group without a name was deleted: what is left of it is removed piece by piece, and goes first.
CREATE TABLE log_groups (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT,
    class TEXT NOT NULL CHECK (class IN ('STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS')),
    retention_days BIGINT,
    is_protected BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account, region, name)
);

CREATE INDEX log_groups_deleted ON log_groups (id) WHERE name IS NULL;

CREATE INDEX log_groups_expiring ON log_groups (id) WHERE retention_days IS NOT NULL;

CREATE TABLE log_tags (
    group_id BIGINT NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (group_id, key)
);

-- A stream without a name was deleted, as its group would be. Times of events are 0 before there is one.
CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY,
    group_id BIGINT NOT NULL REFERENCES log_groups (id),
    name TEXT,
    created_at BIGINT NOT NULL,
    first_event_at BIGINT NOT NULL,
    last_event_at BIGINT NOT NULL,
    last_ingestion_at BIGINT NOT NULL,
    UNIQUE (group_id, name)
);

-- Events of a stream that lie at most a minute apart, packed, so that a busy function costs few rows. bytes: as AWS counts
-- them. Ids are never given twice: they are positions of those who follow a group.
CREATE TABLE log_chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id BIGINT NOT NULL REFERENCES log_groups (id),
    stream_id BIGINT NOT NULL REFERENCES log_streams (id),
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    ingested_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    events BLOB NOT NULL
);

INSERT INTO log_groups (account, region, name, class, is_protected, stored_bytes, created_at)
SELECT account, region, log_group, 'STANDARD', 0, 0, MIN(created_at)
FROM old_log_streams GROUP BY account, region, log_group;

INSERT INTO log_streams (id, group_id, name, created_at, first_event_at, last_event_at, last_ingestion_at)
SELECT old.id, log_groups.id, old.stream, old.created_at,
    COALESCE((SELECT MIN(first_ms) FROM old_log_chunks WHERE stream_id = old.id), 0),
    old.last_event_at, old.last_event_at
FROM old_log_streams AS old
JOIN log_groups ON log_groups.account = old.account AND log_groups.region = old.region AND log_groups.name = old.log_group;

INSERT INTO log_chunks (id, group_id, stream_id, first_ms, last_ms, ingested_at, count, bytes, events)
SELECT old.id, log_streams.group_id, old.stream_id, old.first_ms, old.last_ms, old.last_ms, old.count,
    LENGTH(old.events) + 26 * old.count, old.events
FROM old_log_chunks AS old JOIN log_streams ON log_streams.id = old.stream_id;

UPDATE log_groups SET stored_bytes =
    COALESCE((SELECT SUM(bytes) FROM log_chunks WHERE log_chunks.group_id = log_groups.id), 0);

DROP TABLE old_log_chunks;
DROP TABLE old_log_streams;

CREATE INDEX log_streams_by_event ON log_streams (group_id, last_event_at, name);

CREATE INDEX log_streams_deleted ON log_streams (id) WHERE name IS NULL;

CREATE INDEX log_chunks_by_stream ON log_chunks (stream_id, first_ms, id);

CREATE INDEX log_chunks_by_group ON log_chunks (group_id, first_ms, id);

CREATE INDEX log_chunks_by_arrival ON log_chunks (group_id, id);
