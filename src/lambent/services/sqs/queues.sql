-- name: insert_lot
INSERT INTO sqs_lots (messages, turns, is_over) VALUES (0, 0, 0) RETURNING id

-- name: end_lot
UPDATE sqs_lots SET is_over = 1 WHERE id = :lot

-- name: insert
INSERT INTO sqs_queues (account, region, name, lot, attributes, tags, retention_s, dlq_arn, created_at, modified_at)
VALUES (:account, :region, :name, :lot, :attributes, :tags, :retention_s, :dlq_arn, :now, :now)

-- name: load
SELECT q.id, q.account, q.region, q.name, q.lot, q.attributes, q.created_at, q.modified_at, q.purged_at, l.messages
FROM sqs_queues AS q JOIN sqs_lots AS l ON l.id = q.lot
WHERE q.account = :account AND q.region = :region AND q.name = :name AND q.deleted_at IS NULL

-- name: deleted_since
SELECT 1 AS found FROM sqs_queues
WHERE account = :account AND region = :region AND name = :name AND deleted_at > :since
LIMIT 1

-- name: set_attributes
UPDATE sqs_queues
SET attributes = :attributes, retention_s = :retention_s, dlq_arn = :dlq_arn, modified_at = :now
WHERE id = :id

-- name: tags
SELECT tags FROM sqs_queues WHERE id = :id

-- name: set_tags
UPDATE sqs_queues SET tags = :tags WHERE id = :id

-- name: purge
UPDATE sqs_queues SET lot = :lot, purged_at = :now WHERE id = :id

-- name: delete
UPDATE sqs_queues SET deleted_at = :now WHERE id = :id

-- name: names
SELECT name FROM sqs_queues
WHERE account = :account AND region = :region AND name > :after AND substr(name, 1, length(:prefix)) = :prefix
AND deleted_at IS NULL
ORDER BY name
LIMIT :count

-- name: sources
SELECT account, region, name FROM sqs_queues
WHERE dlq_arn = :arn AND name > :after AND deleted_at IS NULL
ORDER BY name
LIMIT :count

-- name: hidden
SELECT count(CASE WHEN receive_count = 0 THEN 1 END) AS delayed, count(CASE WHEN receive_count > 0 THEN 1 END) AS in_flight
FROM sqs_messages
WHERE lot = :lot AND visible_at > :now
