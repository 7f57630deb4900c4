-- name: load
SELECT * FROM lambda_provisioned_concurrency
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: put
INSERT INTO lambda_provisioned_concurrency (account, region, name, qualifier, requested, failure, last_modified)
VALUES (:account, :region, :name, :qualifier, :requested, NULL, :last_modified)
ON CONFLICT (account, region, name, qualifier) DO UPDATE
SET requested = excluded.requested, failure = NULL, last_modified = excluded.last_modified

-- name: fail
UPDATE lambda_provisioned_concurrency SET failure = :failure
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier
  AND requested = :requested AND last_modified = :last_modified

-- name: retry
UPDATE lambda_provisioned_concurrency SET failure = NULL
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: delete
DELETE FROM lambda_provisioned_concurrency
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: of_function
SELECT * FROM lambda_provisioned_concurrency
WHERE account = :account AND region = :region AND name = :name
ORDER BY qualifier

-- name: page
SELECT * FROM lambda_provisioned_concurrency
WHERE account = :account AND region = :region AND name = :name AND qualifier > :after
ORDER BY qualifier
LIMIT :count

-- name: functions
SELECT DISTINCT account, region, name FROM lambda_provisioned_concurrency
