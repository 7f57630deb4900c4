-- name: insert
INSERT INTO log_groups (account, region, name, class, is_protected, stored_bytes, created_at)
VALUES (:account, :region, :name, :class, :is_protected, 0, :now)
ON CONFLICT (account, region, name) DO NOTHING

-- name: load
SELECT * FROM log_groups WHERE account = :account AND region = :region AND name = :name

-- name: page
SELECT * FROM log_groups
WHERE account = :account AND region = :region AND name >= :prefix AND name > :after
ORDER BY name LIMIT :count

-- name: forget
UPDATE log_groups SET name = NULL, retention_days = NULL WHERE id = :id

-- name: set_retention
UPDATE log_groups SET retention_days = :days WHERE id = :id

-- name: set_protection
UPDATE log_groups SET is_protected = :is_protected WHERE id = :id

-- name: add_bytes
UPDATE log_groups SET stored_bytes = stored_bytes + :bytes WHERE id = :id

-- name: tags
SELECT key, value FROM log_tags WHERE group_id = :id ORDER BY key

-- name: put_tag
INSERT INTO log_tags (group_id, key, value) VALUES (:id, :key, :value)
ON CONFLICT (group_id, key) DO UPDATE SET value = excluded.value

-- name: delete_tag
DELETE FROM log_tags WHERE group_id = :id AND key = :key
