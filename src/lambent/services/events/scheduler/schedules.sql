-- name: insert_group
INSERT INTO scheduler_groups (account, region, name, client_token, created_at, last_modified)
VALUES (:account, :region, :name, :client_token, :now, :now)
ON CONFLICT DO NOTHING

-- name: group
SELECT * FROM scheduler_groups WHERE account = :account AND region = :region AND name = :name

-- name: groups
SELECT * FROM scheduler_groups WHERE account = :account AND region = :region ORDER BY name

-- name: delete_group
DELETE FROM scheduler_groups WHERE account = :account AND region = :region AND name = :name

-- name: delete_schedules_of_group
DELETE FROM scheduler_schedules WHERE account = :account AND region = :region AND group_name = :name

-- name: insert
INSERT INTO scheduler_schedules (
    account, region, group_name, name, settings, client_token, created_at, last_modified, due_at, fire_at
)
VALUES (:account, :region, :group_name, :name, :settings, :client_token, :now, :now, :due_at, :fire_at)
ON CONFLICT DO NOTHING

-- name: update
UPDATE scheduler_schedules SET settings = :settings, last_modified = :now, due_at = :due_at, fire_at = :fire_at
WHERE id = :id

-- name: load
SELECT * FROM scheduler_schedules
WHERE account = :account AND region = :region AND group_name = :group_name AND name = :name

-- name: all
SELECT * FROM scheduler_schedules WHERE account = :account AND region = :region ORDER BY group_name, name

-- name: delete
DELETE FROM scheduler_schedules WHERE id = :id

-- name: due
SELECT * FROM scheduler_schedules WHERE fire_at <= :now ORDER BY fire_at LIMIT :count

-- name: set_due
UPDATE scheduler_schedules SET due_at = :due_at, fire_at = :fire_at WHERE id = :id

-- name: next_due
SELECT MIN(fire_at) AS fire_at FROM scheduler_schedules WHERE fire_at IS NOT NULL
