-- name: load
SELECT update_runtime_on, runtime_version_arn FROM lambda_runtime_management
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: put
INSERT INTO lambda_runtime_management (account, region, name, qualifier, update_runtime_on, runtime_version_arn)
VALUES (:account, :region, :name, :qualifier, :update_runtime_on, :runtime_version_arn)
ON CONFLICT (account, region, name, qualifier) DO UPDATE
SET update_runtime_on = excluded.update_runtime_on, runtime_version_arn = excluded.runtime_version_arn
