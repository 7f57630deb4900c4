CREATE TABLE lambda_functions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Pending', 'Active', 'Inactive', 'Failed')),
    state_reason TEXT,
    state_reason_code TEXT,
    last_update_status TEXT CHECK (last_update_status IN ('InProgress', 'Successful', 'Failed')),
    last_update_status_reason TEXT,
    last_update_status_reason_code TEXT,
    revision_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    runtime TEXT NOT NULL,
    code_blob TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size BIGINT NOT NULL,
    config TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, version)
);

-- What a stop left half-way is found without reading every function.
CREATE INDEX lambda_functions_unsettled ON lambda_functions (account)
WHERE state = 'Pending' OR last_update_status = 'InProgress';

CREATE TABLE lambda_tags (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    resource_arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, region, resource_arn, key)
);

CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    log_group TEXT NOT NULL,
    stream TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_event_at BIGINT NOT NULL,
    UNIQUE (account, region, log_group, stream)
);

-- One row for each stream and each time its lines were written: events are packed, so that a busy function costs few rows.
CREATE TABLE log_chunks (
    id INTEGER PRIMARY KEY,
    stream_id BIGINT NOT NULL REFERENCES log_streams (id) ON DELETE CASCADE,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    count BIGINT NOT NULL,
    events BLOB NOT NULL
);

CREATE INDEX log_chunks_by_stream ON log_chunks (stream_id, id);
