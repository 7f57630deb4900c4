-- name: next_version
INSERT INTO lambda_layers (account, region, name, last_version)
VALUES (:account, :region, :name, 1)
ON CONFLICT (account, region, name) DO UPDATE SET last_version = lambda_layers.last_version + 1

-- name: last_version
SELECT last_version FROM lambda_layers
WHERE account = :account AND region = :region AND name = :name

-- name: insert
INSERT INTO lambda_layer_versions (
    account, region, name, version, description, license, runtimes, architectures,
    code_blob, code_sha256, code_size, unzipped_size, policy, policy_revision, created_at
) VALUES (
    :account, :region, :name, :version, :description, :license, :runtimes, :architectures,
    :code_blob, :code_sha256, :code_size, :unzipped_size, :policy, :policy_revision, :created_at
)

-- name: load
SELECT * FROM lambda_layer_versions
WHERE account = :account AND region = :region AND name = :name AND version = :version

-- name: set_policy
UPDATE lambda_layer_versions SET policy = :policy, policy_revision = :policy_revision
WHERE account = :account AND region = :region AND name = :name AND version = :version

-- name: delete
DELETE FROM lambda_layer_versions
WHERE account = :account AND region = :region AND name = :name AND version = :version

-- name: versions
SELECT * FROM lambda_layer_versions
WHERE account = :account AND region = :region AND name = :name AND version < :before
  AND runtimes LIKE :runtime AND architectures LIKE :architecture
ORDER BY version DESC
LIMIT :count

-- name: newest
-- Of each layer the newest version that fits.
SELECT * FROM lambda_layer_versions
WHERE account = :account AND region = :region AND name > :after
  AND version = (
    SELECT max(version) FROM lambda_layer_versions AS other
    WHERE other.account = lambda_layer_versions.account AND other.region = lambda_layer_versions.region
      AND other.name = lambda_layer_versions.name
      AND other.runtimes LIKE :runtime AND other.architectures LIKE :architecture
  )
ORDER BY name
LIMIT :count

-- name: usage
SELECT coalesce(sum(code_size), 0) AS code_bytes FROM lambda_layer_versions
WHERE account = :account AND region = :region

-- name: blobs
SELECT DISTINCT code_blob FROM lambda_layer_versions
