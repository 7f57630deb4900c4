-- name: deleted_group
SELECT id FROM log_groups WHERE name IS NULL ORDER BY id LIMIT 1

-- name: deleted_stream
SELECT id FROM log_streams WHERE name IS NULL ORDER BY id LIMIT 1

-- name: chunks_of_group
SELECT id, group_id, bytes FROM log_chunks WHERE group_id = :id ORDER BY id LIMIT :count

-- name: chunks_of_stream
SELECT id, group_id, bytes FROM log_chunks WHERE stream_id = :id ORDER BY first_ms, id LIMIT :count

-- name: expiring
SELECT id, retention_days FROM log_groups
WHERE retention_days IS NOT NULL AND id > :after
ORDER BY id LIMIT :count

-- name: expired_chunks
SELECT id, group_id, bytes FROM log_chunks
WHERE group_id = :id AND first_ms < :before AND last_ms < :before
ORDER BY first_ms, id LIMIT :count

-- name: due
-- When the oldest chunk of all groups that have a retention is over, at the latest.
SELECT MIN(
    (SELECT MIN(c.first_ms) FROM log_chunks AS c WHERE c.group_id = g.id) + g.retention_days * 86400000
) AS due_ms
FROM log_groups AS g WHERE g.retention_days IS NOT NULL

-- name: delete_chunk
DELETE FROM log_chunks WHERE id = :id

-- name: subtract_bytes
UPDATE log_groups SET stored_bytes = stored_bytes - :bytes WHERE id = :id

-- name: streams_of_group
SELECT id FROM log_streams WHERE group_id = :id LIMIT :count

-- name: delete_stream
DELETE FROM log_streams WHERE id = :id

-- name: delete_group
DELETE FROM log_groups WHERE id = :id
