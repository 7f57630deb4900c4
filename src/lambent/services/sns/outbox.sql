-- name: put
INSERT INTO sns_deliveries (
    id, subscription, endpoint, type, message_id, body, attributes, raw, attempts, created_at, due_at
)
VALUES (:id, :subscription, :endpoint, :type, :message_id, :body, :attributes, :raw, 0, :now, :now)

-- name: due_subscriptions
SELECT DISTINCT subscription FROM sns_deliveries WHERE due_at <= :now

-- name: due
SELECT * FROM sns_deliveries WHERE subscription = :subscription AND due_at <= :now ORDER BY due_at, created_at LIMIT :count

-- name: lease
UPDATE sns_deliveries SET lease_owner = :owner, due_at = :ends WHERE id = :id

-- name: earliest
SELECT min(due_at) AS at FROM sns_deliveries

-- name: next_due
SELECT min(due_at) AS at FROM sns_deliveries WHERE due_at > :now

-- name: remove
DELETE FROM sns_deliveries WHERE id = :id AND lease_owner = :owner

-- name: put_off
UPDATE sns_deliveries SET lease_owner = NULL, due_at = :due_at, attempts = attempts + 1
WHERE id = :id AND lease_owner = :owner
