-- name: load
SELECT settings FROM lambda_event_legacies
WHERE function_arn = :function_arn AND qualifier = :qualifier

-- name: put
INSERT INTO lambda_event_legacies (function_arn, qualifier, settings)
VALUES (:function_arn, :qualifier, :settings)
ON CONFLICT (function_arn, qualifier) DO UPDATE
SET settings = excluded.settings

-- name: forget
DELETE FROM lambda_event_legacies
WHERE function_arn = :function_arn AND qualifier = :qualifier AND NOT EXISTS (
    SELECT 1 FROM lambda_events
    WHERE lambda_events.function_arn = :function_arn AND lambda_events.qualifier IN (:qualifier, '')
      AND lambda_events.id <> :id
)
