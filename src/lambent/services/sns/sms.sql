-- name: put
INSERT INTO sns_sms_attributes (account, region, name, value) VALUES (:account, :region, :name, :value)
ON CONFLICT (account, region, name) DO UPDATE SET value = excluded.value

-- name: all
SELECT name, value FROM sns_sms_attributes WHERE account = :account AND region = :region ORDER BY name
