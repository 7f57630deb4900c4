-- name: put_application
INSERT INTO sns_applications (arn, account, region, attributes) VALUES (:arn, :account, :region, :attributes)
ON CONFLICT (arn) DO UPDATE SET attributes = excluded.attributes

-- name: application
SELECT * FROM sns_applications WHERE arn = :arn

-- name: applications
SELECT * FROM sns_applications
WHERE account = :account AND region = :region AND arn > :after
ORDER BY arn LIMIT :count

-- name: set_application
UPDATE sns_applications SET attributes = :attributes WHERE arn = :arn

-- name: delete_application
DELETE FROM sns_applications WHERE arn = :arn AND account = :account AND region = :region

-- name: insert_endpoint
INSERT INTO sns_endpoints (arn, application, token, attributes) VALUES (:arn, :application, :token, :attributes)

-- name: endpoint
SELECT * FROM sns_endpoints WHERE arn = :arn

-- name: endpoint_of_token
SELECT * FROM sns_endpoints WHERE application = :application AND token = :token

-- name: endpoints
SELECT * FROM sns_endpoints WHERE application = :application AND arn > :after ORDER BY arn LIMIT :count

-- name: set_endpoint
UPDATE sns_endpoints SET token = :token, attributes = :attributes WHERE arn = :arn

-- name: delete_endpoint
DELETE FROM sns_endpoints WHERE arn = :arn

-- name: delete_endpoints
DELETE FROM sns_endpoints WHERE application = :application
