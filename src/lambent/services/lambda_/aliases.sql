-- name: insert
INSERT INTO lambda_aliases (account, region, name, alias, version, weights, description, revision_id)
VALUES (:account, :region, :name, :alias, :version, :weights, :description, :revision_id)

-- name: update
UPDATE lambda_aliases
SET version = :version, weights = :weights, description = :description, revision_id = :revision_id
WHERE account = :account AND region = :region AND name = :name AND alias = :alias

-- name: load
SELECT * FROM lambda_aliases
WHERE account = :account AND region = :region AND name = :name AND alias = :alias

-- name: page
SELECT * FROM lambda_aliases
WHERE account = :account AND region = :region AND name = :name AND alias > :after
  AND (:version = '' OR version = :version)
ORDER BY alias
LIMIT :count

-- name: all
SELECT * FROM lambda_aliases
WHERE account = :account AND region = :region AND name = :name
ORDER BY alias

-- name: delete
DELETE FROM lambda_aliases
WHERE account = :account AND region = :region AND name = :name AND alias = :alias

-- name: delete_all
DELETE FROM lambda_aliases
WHERE account = :account AND region = :region AND name = :name
