-- name: function_settings
DELETE FROM lambda_function_settings
WHERE account = :account AND region = :region AND name = :name

-- name: policies
DELETE FROM lambda_policies
WHERE account = :account AND region = :region AND name = :name
  AND (:qualifier = '*' OR qualifier = :qualifier)

-- name: provisioned_concurrency
DELETE FROM lambda_provisioned_concurrency
WHERE account = :account AND region = :region AND name = :name
  AND (:qualifier = '*' OR qualifier = :qualifier)

-- name: event_invoke_configs
DELETE FROM lambda_event_invoke_configs
WHERE account = :account AND region = :region AND name = :name
  AND (:qualifier = '*' OR qualifier = :qualifier)

-- name: runtime_management
DELETE FROM lambda_runtime_management
WHERE account = :account AND region = :region AND name = :name
  AND (:qualifier = '*' OR qualifier = :qualifier)
