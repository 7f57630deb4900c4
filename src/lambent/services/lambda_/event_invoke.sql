-- name: load
SELECT * FROM lambda_event_invoke_configs
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: put
INSERT INTO lambda_event_invoke_configs (
    account, region, name, qualifier, maximum_retry_attempts, maximum_event_age_s, on_success, on_failure,
    last_modified
) VALUES (
    :account, :region, :name, :qualifier, :maximum_retry_attempts, :maximum_event_age_s, :on_success, :on_failure,
    :last_modified
)
ON CONFLICT (account, region, name, qualifier) DO UPDATE
SET maximum_retry_attempts = excluded.maximum_retry_attempts, maximum_event_age_s = excluded.maximum_event_age_s,
    on_success = excluded.on_success, on_failure = excluded.on_failure, last_modified = excluded.last_modified

-- name: page
SELECT * FROM lambda_event_invoke_configs
WHERE account = :account AND region = :region AND name = :name AND qualifier > :after
ORDER BY qualifier
LIMIT :count

-- name: delete
DELETE FROM lambda_event_invoke_configs
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier
