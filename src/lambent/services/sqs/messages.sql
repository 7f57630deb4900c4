-- name: insert
INSERT INTO sqs_messages (
    lot, visible_at, receive_count, enqueued_at, sent_at, receives_before, message_id, sender_id, group_id,
    deduplication_id, trace_header, attributes, body
)
VALUES (
    :lot, :visible_at, 0, :now, :now, 0, :message_id, :sender_id, :group_id, :deduplication_id, :trace_header,
    :attributes, :body
)
RETURNING id

-- name: counted
UPDATE sqs_lots SET messages = messages + :count WHERE id = :lot

-- name: visible
SELECT * FROM sqs_messages
WHERE lot = :lot AND visible_at <= :now
ORDER BY visible_at, receive_count, id
LIMIT :count

-- name: next_visible
SELECT min(visible_at) AS at FROM sqs_messages WHERE lot = :lot AND visible_at > :now

-- name: in_flight
SELECT count(*) AS number FROM (
    SELECT 1 FROM sqs_messages WHERE lot = :lot AND visible_at > :now AND receive_count > 0 LIMIT :most
) AS some

-- name: take
UPDATE sqs_messages
SET visible_at = :visible_at, receive_count = receive_count + 1, received_at = :now,
    first_received_at = coalesce(first_received_at, :now)
WHERE id = :id

-- name: load
SELECT * FROM sqs_messages WHERE id = :id AND lot = :lot

-- name: delete
DELETE FROM sqs_messages WHERE id = :id AND lot = :lot

-- name: set_visibility
UPDATE sqs_messages SET visible_at = :visible_at WHERE id = :id

-- name: give_up
INSERT INTO sqs_messages (
    lot, visible_at, receive_count, enqueued_at, sent_at, received_at, first_received_at, receives_before, message_id,
    sender_id, group_id, deduplication_id, trace_header, source_arn, attributes, body
)
SELECT
    :lot, :now, receive_count, coalesce(:enqueued_at, enqueued_at), sent_at, received_at, first_received_at,
    receive_count, message_id, sender_id, group_id, deduplication_id, trace_header, :source_arn, attributes, body
FROM sqs_messages
WHERE id = :id

-- name: send_back
INSERT INTO sqs_messages (
    lot, visible_at, receive_count, enqueued_at, sent_at, receives_before, message_id, sender_id, group_id,
    deduplication_id, trace_header, attributes, body
)
SELECT
    :lot, :now, 0, :now, :now, 0, :message_id, sender_id, group_id, deduplication_id, trace_header, attributes, body
FROM sqs_messages
WHERE id = :id

-- name: ready_groups
SELECT group_id FROM sqs_groups WHERE lot = :lot AND ready_at <= :now ORDER BY ready_at, turn LIMIT :count

-- name: next_ready
SELECT min(ready_at) AS at FROM sqs_groups WHERE lot = :lot AND ready_at > :now

-- name: of_group
SELECT * FROM sqs_messages WHERE lot = :lot AND group_id = :group_id ORDER BY id LIMIT :count

-- name: head
SELECT visible_at FROM sqs_messages WHERE lot = :lot AND group_id = :group_id ORDER BY id LIMIT 1

-- name: next_turn
UPDATE sqs_lots SET turns = turns + 1 WHERE id = :lot RETURNING turns

-- name: insert_group
INSERT INTO sqs_groups (lot, group_id, ready_at, turn) VALUES (:lot, :group_id, :ready_at, :turn)
ON CONFLICT (lot, group_id) DO NOTHING

-- name: has_group
SELECT 1 AS found FROM sqs_groups WHERE lot = :lot AND group_id = :group_id

-- name: set_group
UPDATE sqs_groups SET ready_at = :ready_at, turn = :turn WHERE lot = :lot AND group_id = :group_id

-- name: delete_group
DELETE FROM sqs_groups WHERE lot = :lot AND group_id = :group_id

-- name: duplicate
SELECT message, message_id FROM sqs_deduplications
WHERE lot = :lot AND scope = :scope AND deduplication_id = :deduplication_id AND expires_at > :now

-- name: put_deduplication
INSERT INTO sqs_deduplications (lot, scope, deduplication_id, message, message_id, expires_at)
VALUES (:lot, :scope, :deduplication_id, :message, :message_id, :expires_at)
ON CONFLICT (lot, scope, deduplication_id)
DO UPDATE SET message = excluded.message, message_id = excluded.message_id, expires_at = excluded.expires_at

-- name: attempt
SELECT taken FROM sqs_attempts WHERE lot = :lot AND attempt_id = :attempt_id AND expires_at > :now

-- name: put_attempt
INSERT INTO sqs_attempts (lot, attempt_id, taken, expires_at) VALUES (:lot, :attempt_id, :taken, :expires_at)
ON CONFLICT (lot, attempt_id) DO UPDATE SET taken = excluded.taken, expires_at = excluded.expires_at
