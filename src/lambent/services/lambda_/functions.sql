-- name: insert
INSERT INTO lambda_functions (
    account, region, name, version, state, state_reason, state_reason_code,
    last_update_status, last_update_status_reason, last_update_status_reason_code,
    revision_id, generation, last_modified, runtime, code_blob, code_sha256, code_size, config, created_at
) VALUES (
    :account, :region, :name, :version, :state, :state_reason, :state_reason_code,
    :last_update_status, :last_update_status_reason, :last_update_status_reason_code,
    :revision_id, :generation, :last_modified, :runtime, :code_blob, :code_sha256, :code_size, :config, :last_modified
)

-- name: update
-- Only the generation that was read may be changed: who lost a race changes nothing.
UPDATE lambda_functions
SET state = :state, state_reason = :state_reason, state_reason_code = :state_reason_code,
    last_update_status = :last_update_status, last_update_status_reason = :last_update_status_reason,
    last_update_status_reason_code = :last_update_status_reason_code,
    revision_id = :revision_id, generation = :generation, last_modified = :last_modified, runtime = :runtime,
    code_blob = :code_blob, code_sha256 = :code_sha256, code_size = :code_size, config = :config
WHERE account = :account AND region = :region AND name = :name AND version = :version
  AND generation = :read_generation

-- name: set_revision
UPDATE lambda_functions SET revision_id = :revision_id
WHERE account = :account AND region = :region AND name = :name AND version = '$LATEST'

-- name: load
SELECT * FROM lambda_functions
WHERE account = :account AND region = :region AND name = :name AND version = :version

-- name: page
SELECT * FROM lambda_functions
WHERE account = :account AND region = :region AND version = '$LATEST' AND name > :after
ORDER BY name
LIMIT :count

-- name: page_of_all
-- Versions are in the order of their numbers, `$LATEST` before all.
SELECT * FROM lambda_functions
WHERE account = :account AND region = :region
  AND (name, CASE version WHEN '$LATEST' THEN 0 ELSE length(version) END, version) > (:after, :length, :version)
ORDER BY name, CASE version WHEN '$LATEST' THEN 0 ELSE length(version) END, version
LIMIT :count

-- name: page_of_versions
SELECT * FROM lambda_functions
WHERE account = :account AND region = :region AND name = :name
  AND (CASE version WHEN '$LATEST' THEN 0 ELSE length(version) END, version) > (:length, :version)
ORDER BY CASE version WHEN '$LATEST' THEN 0 ELSE length(version) END, version
LIMIT :count

-- name: versions
SELECT version FROM lambda_functions
WHERE account = :account AND region = :region AND name = :name

-- name: delete
DELETE FROM lambda_functions
WHERE account = :account AND region = :region AND name = :name

-- name: delete_version
DELETE FROM lambda_functions
WHERE account = :account AND region = :region AND name = :name AND version = :version

-- name: version_numbers
SELECT last, content FROM lambda_version_numbers
WHERE account = :account AND region = :region AND name = :name

-- name: put_version_numbers
INSERT INTO lambda_version_numbers (account, region, name, last, content)
VALUES (:account, :region, :name, :last, :content)
ON CONFLICT (account, region, name) DO UPDATE SET last = excluded.last, content = excluded.content

-- name: forget_published
UPDATE lambda_version_numbers SET content = NULL
WHERE account = :account AND region = :region AND name = :name

-- name: usage
SELECT count(CASE version WHEN '$LATEST' THEN 1 END) AS functions, coalesce(sum(code_size), 0) AS code_bytes
FROM lambda_functions
WHERE account = :account AND region = :region

-- name: count
SELECT count(*) AS functions FROM lambda_functions WHERE version = '$LATEST'

-- name: unsettled
SELECT account, region, name, version FROM lambda_functions
WHERE state = 'Pending' OR last_update_status = 'InProgress'

-- name: runtimes
SELECT DISTINCT runtime FROM lambda_functions

-- name: blobs
SELECT DISTINCT code_blob FROM lambda_functions

-- name: configs_with_layers
SELECT DISTINCT config FROM lambda_functions WHERE config LIKE '%"layers":[{%'

-- name: tags
SELECT key, value FROM lambda_tags
WHERE account = :account AND region = :region AND resource_arn = :arn
ORDER BY key

-- name: put_tag
INSERT INTO lambda_tags (account, region, resource_arn, key, value)
VALUES (:account, :region, :arn, :key, :value)
ON CONFLICT (account, region, resource_arn, key) DO UPDATE SET value = excluded.value

-- name: delete_tag
DELETE FROM lambda_tags
WHERE account = :account AND region = :region AND resource_arn = :arn AND key = :key

-- name: delete_tags
DELETE FROM lambda_tags
WHERE account = :account AND region = :region AND resource_arn = :arn
