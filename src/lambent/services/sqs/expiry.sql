-- name: lot_over
SELECT id FROM sqs_lots WHERE is_over = 1 LIMIT 1

-- name: delete_messages
DELETE FROM sqs_messages WHERE id IN (SELECT id FROM sqs_messages WHERE lot = :lot LIMIT :count)

-- name: delete_groups
DELETE FROM sqs_groups WHERE lot = :lot

-- name: delete_deduplications
DELETE FROM sqs_deduplications WHERE lot = :lot

-- name: delete_attempts
DELETE FROM sqs_attempts WHERE lot = :lot

-- name: delete_lot
DELETE FROM sqs_lots WHERE id = :lot

-- name: delete_queues
DELETE FROM sqs_queues WHERE deleted_at <= :before

-- name: oldest
SELECT q.id, q.account, q.region, q.name, q.retention_s,
    (SELECT min(enqueued_at) FROM sqs_messages AS m WHERE m.lot = q.lot) AS oldest_at
FROM sqs_queues AS q
WHERE q.id > :after AND q.deleted_at IS NULL
ORDER BY q.id
LIMIT :count

-- name: expired_messages
SELECT id, group_id FROM sqs_messages WHERE lot = :lot AND enqueued_at <= :before ORDER BY enqueued_at LIMIT :count

-- name: expired_deduplications
DELETE FROM sqs_deduplications WHERE expires_at <= :now

-- name: expired_attempts
DELETE FROM sqs_attempts WHERE expires_at <= :now

-- name: old_tasks
DELETE FROM sqs_move_tasks WHERE status <> 'RUNNING' AND started_at <= :before

-- name: next_memory
SELECT min(at) AS at FROM (
    SELECT min(expires_at) AS at FROM sqs_deduplications
    UNION ALL SELECT min(expires_at) FROM sqs_attempts
    UNION ALL SELECT min(deleted_at) + :pause_ms FROM sqs_queues WHERE deleted_at IS NOT NULL
) AS times
