-- name: insert
INSERT INTO lambda_events (
    id, function_arn, qualifier, payload, accepted_at, ready_at, attempts, refusals, trace_header, source,
    last_attempt, timeline, lease_owner
) VALUES (
    :id, :function_arn, :qualifier, :payload, :accepted_at, :ready_at, :attempts, :refusals, :trace_header, :source,
    :last_attempt, :timeline, :lease_owner
)

-- name: lanes
-- The least name behind each name found: costs two looks into the index per function, however many events it has.
WITH RECURSIVE lanes (function_arn) AS (
    SELECT MIN(function_arn) FROM lambda_events
    UNION ALL
    SELECT (SELECT MIN(e.function_arn) FROM lambda_events e WHERE e.function_arn > lanes.function_arn)
    FROM lanes WHERE lanes.function_arn IS NOT NULL
)
SELECT function_arn, (
    SELECT MIN(e.ready_at) FROM lambda_events e WHERE e.function_arn = lanes.function_arn
) AS ready_at
FROM lanes WHERE function_arn IS NOT NULL

-- name: due
SELECT * FROM lambda_events
WHERE function_arn = :function_arn AND ready_at <= :now
ORDER BY ready_at
LIMIT :count

-- name: next_ready
SELECT MIN(ready_at) AS ready_at FROM lambda_events WHERE function_arn = :function_arn

-- name: lease
UPDATE lambda_events SET lease_owner = :owner, ready_at = :lease_end WHERE id = :id

-- name: renew
UPDATE lambda_events SET ready_at = :lease_end WHERE id = :id AND lease_owner = :owner

-- name: release
UPDATE lambda_events SET lease_owner = NULL, ready_at = :now WHERE id = :id AND lease_owner = :owner

-- name: release_all
UPDATE lambda_events SET lease_owner = NULL, ready_at = :now WHERE lease_owner IS NOT NULL

-- name: retry
UPDATE lambda_events
SET lease_owner = NULL, ready_at = :ready_at, attempts = :attempts, refusals = :refusals, last_attempt = :last_attempt,
    timeline = :timeline
WHERE id = :id AND lease_owner = :owner

-- name: delete
DELETE FROM lambda_events WHERE id = :id AND lease_owner = :owner

-- name: count
SELECT COUNT(*) AS events FROM lambda_events

-- name: waiting
SELECT 1 AS waits FROM lambda_events WHERE function_arn = :function_arn LIMIT 1
