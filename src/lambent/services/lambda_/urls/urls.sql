-- name: insert
INSERT INTO lambda_urls (
    id, account, region, name, alias, auth_type, invoke_mode, cors, created_at, last_modified
) VALUES (
    :id, :account, :region, :name, :alias, :auth_type, :invoke_mode, :cors, :created_at, :last_modified
)

-- name: update
UPDATE lambda_urls
SET auth_type = :auth_type, invoke_mode = :invoke_mode, cors = :cors, last_modified = :last_modified
WHERE id = :id

-- name: load
SELECT * FROM lambda_urls
WHERE account = :account AND region = :region AND name = :name AND alias = :alias

-- name: by_id
SELECT * FROM lambda_urls WHERE id = :id

-- name: page
SELECT * FROM lambda_urls
WHERE account = :account AND region = :region AND name = :name AND alias > :after
ORDER BY alias
LIMIT :count

-- name: delete
DELETE FROM lambda_urls
WHERE account = :account AND region = :region AND name = :name AND alias = :alias

-- name: delete_all
DELETE FROM lambda_urls
WHERE account = :account AND region = :region AND name = :name
