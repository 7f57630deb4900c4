-- name: put
INSERT INTO lambda_code_signing_configs (
    arn, account, region, description, publishers, untrusted_artifact, last_modified
) VALUES (
    :arn, :account, :region, :description, :publishers, :untrusted_artifact, :last_modified
)
ON CONFLICT (arn) DO UPDATE
SET description = excluded.description, publishers = excluded.publishers,
    untrusted_artifact = excluded.untrusted_artifact, last_modified = excluded.last_modified

-- name: load
SELECT * FROM lambda_code_signing_configs
WHERE arn = :arn AND account = :account AND region = :region

-- name: page
SELECT * FROM lambda_code_signing_configs
WHERE account = :account AND region = :region AND arn > :after
ORDER BY arn
LIMIT :count

-- name: delete
DELETE FROM lambda_code_signing_configs
WHERE arn = :arn AND account = :account AND region = :region
