-- name: load
SELECT document, revision_id FROM lambda_policies
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier

-- name: put
INSERT INTO lambda_policies (account, region, name, qualifier, document, revision_id)
VALUES (:account, :region, :name, :qualifier, :document, :revision_id)
ON CONFLICT (account, region, name, qualifier) DO UPDATE
SET document = excluded.document, revision_id = excluded.revision_id

-- name: delete
DELETE FROM lambda_policies
WHERE account = :account AND region = :region AND name = :name AND qualifier = :qualifier
