-- name: put
INSERT INTO lambda_event_ends (
    id, function_arn, qualifier, source, accepted_at, ended_at, condition, attempts, refusals, timeline, told
) VALUES (
    :id, :function_arn, :qualifier, :source, :accepted_at, :ended_at, :condition, :attempts, :refusals, :timeline, :told
)
ON CONFLICT (id) DO UPDATE
SET function_arn = excluded.function_arn, qualifier = excluded.qualifier, source = excluded.source,
    accepted_at = excluded.accepted_at, ended_at = excluded.ended_at, condition = excluded.condition,
    attempts = excluded.attempts, refusals = excluded.refusals, timeline = excluded.timeline, told = excluded.told

-- name: find
SELECT * FROM lambda_event_ends WHERE id = :id

-- name: find_kept
SELECT * FROM lambda_events WHERE id = :id

-- name: ended_of_function
SELECT * FROM lambda_event_ends
WHERE function_arn = :function_arn AND (:failed = 0 OR condition <> 'Success')
ORDER BY ended_at DESC
LIMIT :count

-- name: ended
SELECT * FROM lambda_event_ends
WHERE function_arn >= :first AND function_arn < :last AND (:failed = 0 OR condition <> 'Success')
ORDER BY ended_at DESC
LIMIT :count

-- name: kept
SELECT * FROM lambda_events
WHERE function_arn >= :first AND function_arn < :last
ORDER BY function_arn, ready_at
LIMIT :count

-- name: forget_older
DELETE FROM lambda_event_ends WHERE ended_at < :before

-- name: forget_beyond
DELETE FROM lambda_event_ends
WHERE ended_at < (SELECT ended_at FROM lambda_event_ends ORDER BY ended_at DESC LIMIT 1 OFFSET :most)
