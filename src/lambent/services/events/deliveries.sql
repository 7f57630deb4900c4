-- name: insert
INSERT INTO event_deliveries (rule_arn, target, event, hops, trace_header, ingested_at, retries, due_at)
VALUES (:rule_arn, :target, :event, :hops, :trace_header, :now, 0, :now)

-- name: due
SELECT * FROM event_deliveries WHERE due_at <= :now ORDER BY due_at, id LIMIT :count

-- name: load
SELECT * FROM event_deliveries WHERE id = :id

-- name: next_due
SELECT MIN(due_at) AS due_at FROM event_deliveries

-- name: retry
UPDATE event_deliveries SET retries = retries + 1, due_at = :due_at WHERE id = :id

-- name: delete
DELETE FROM event_deliveries WHERE id = :id
