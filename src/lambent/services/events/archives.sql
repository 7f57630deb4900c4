-- name: insert
INSERT INTO event_archives (account, region, name, bus_id, description, pattern, retention_days, created_at)
VALUES (:account, :region, :name, :bus_id, :description, :pattern, :retention_days, :now)
ON CONFLICT DO NOTHING

-- name: load
SELECT a.*, b.name AS bus FROM event_archives a JOIN event_buses b ON b.id = a.bus_id
WHERE a.account = :account AND a.region = :region AND a.name = :name

-- name: list
SELECT a.*, b.name AS bus FROM event_archives a JOIN event_buses b ON b.id = a.bus_id
WHERE a.account = :account AND a.region = :region ORDER BY a.name

-- name: of_bus
SELECT id, pattern FROM event_archives WHERE bus_id = :bus_id ORDER BY id

-- name: update
UPDATE event_archives SET description = :description, pattern = :pattern, retention_days = :retention_days WHERE id = :id

-- name: delete
DELETE FROM event_archives WHERE id = :id

-- name: size
SELECT COUNT(*) AS events, COALESCE(SUM(LENGTH(event)), 0) AS bytes FROM event_archived
WHERE archive_id = :id AND ingested_at > :after

-- name: keep
INSERT INTO event_archived (archive_id, event, ingested_at) VALUES (:archive_id, :event, :now)

-- name: with_retention
SELECT id, retention_days FROM event_archives WHERE retention_days > 0

-- name: expired
SELECT id FROM event_archived WHERE archive_id = :id AND ingested_at <= :until ORDER BY ingested_at LIMIT :count

-- name: forget
DELETE FROM event_archived WHERE id = :id

-- name: oldest
SELECT
    MIN(
        (SELECT MIN(e.ingested_at) FROM event_archived e WHERE e.archive_id = a.id) + a.retention_days * 86400000
    ) AS due_at,
    COUNT(*) AS archives
FROM event_archives a WHERE a.retention_days > 0

-- name: page
SELECT id, event, ingested_at FROM event_archived
WHERE archive_id = :archive_id AND ingested_at > :kept_after AND ingested_at <= :end_at
    AND (ingested_at > :position_at OR (ingested_at = :position_at AND id > :position_id))
ORDER BY ingested_at, id LIMIT :count

-- name: insert_replay
INSERT INTO event_replays (
    account, region, name, description, archive_arn, destination, state, start_at, end_at, position_at, position_id,
    replay_started_at
)
VALUES (
    :account, :region, :name, :description, :archive_arn, :destination, 'STARTING', :start_at, :end_at, :start_at, 0, :now
)
ON CONFLICT DO NOTHING

-- name: replay
SELECT * FROM event_replays WHERE account = :account AND region = :region AND name = :name

-- name: replays
SELECT * FROM event_replays WHERE account = :account AND region = :region ORDER BY name

-- name: unfinished
SELECT * FROM event_replays WHERE state IN ('STARTING', 'RUNNING', 'CANCELLING') ORDER BY id LIMIT 1

-- name: cancel
UPDATE event_replays SET state = 'CANCELLING' WHERE id = :id AND state IN ('STARTING', 'RUNNING')

-- name: advance
UPDATE event_replays SET state = 'RUNNING', position_at = :position_at, position_id = :position_id WHERE id = :id

-- name: end
UPDATE event_replays SET state = :state, state_reason = :reason, replay_ended_at = :now WHERE id = :id
