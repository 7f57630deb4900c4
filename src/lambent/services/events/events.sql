-- name: insert_bus
INSERT INTO event_buses (account, region, name, description, rules_token, created_at, last_modified)
VALUES (:account, :region, :name, :description, :token, :now, :now)
ON CONFLICT DO NOTHING

-- name: bus
SELECT * FROM event_buses WHERE account = :account AND region = :region AND name = :name

-- name: buses
SELECT * FROM event_buses WHERE account = :account AND region = :region ORDER BY name

-- name: set_bus
UPDATE event_buses SET description = :description, policy = :policy, last_modified = :now WHERE id = :id

-- name: touch_bus
UPDATE event_buses SET rules_token = :token WHERE id = :id

-- name: delete_bus
DELETE FROM event_buses WHERE id = :id

-- name: put_rule
INSERT INTO event_rules (bus_id, name, pattern, schedule, state, description, role_arn, due_at)
VALUES (:bus_id, :name, :pattern, :schedule, :state, :description, :role_arn, :due_at)
ON CONFLICT (bus_id, name) DO UPDATE SET
    pattern = :pattern, schedule = :schedule, state = :state, description = :description, role_arn = :role_arn,
    due_at = :due_at

-- name: rule
SELECT * FROM event_rules WHERE bus_id = :bus_id AND name = :name

-- name: rules
SELECT * FROM event_rules WHERE bus_id = :bus_id ORDER BY name

-- name: rule_names_of_target
SELECT DISTINCT r.name FROM event_rules r JOIN event_targets t ON t.rule_id = r.id
WHERE r.bus_id = :bus_id AND t.arn = :arn ORDER BY r.name

-- name: set_rule_state
UPDATE event_rules SET state = :state, due_at = :due_at WHERE id = :id

-- name: delete_rule
DELETE FROM event_rules WHERE id = :id

-- name: due_rules
SELECT r.id, r.name, r.schedule, r.due_at, b.account, b.region, b.name AS bus
FROM event_rules r JOIN event_buses b ON b.id = r.bus_id
WHERE r.due_at <= :now ORDER BY r.due_at LIMIT :count

-- name: set_due
UPDATE event_rules SET due_at = :due_at WHERE id = :id

-- name: next_due_rule
SELECT MIN(due_at) AS due_at FROM event_rules WHERE due_at IS NOT NULL

-- name: put_target
INSERT INTO event_targets (rule_id, id, arn, target) VALUES (:rule_id, :id, :arn, :target)
ON CONFLICT (rule_id, id) DO UPDATE SET arn = :arn, target = :target

-- name: targets
SELECT id, target FROM event_targets WHERE rule_id = :rule_id ORDER BY id

-- name: targets_of_bus
SELECT t.rule_id, t.target FROM event_targets t JOIN event_rules r ON r.id = t.rule_id
WHERE r.bus_id = :bus_id ORDER BY t.rule_id, t.id

-- name: delete_target
DELETE FROM event_targets WHERE rule_id = :rule_id AND id = :id

-- name: put_tag
INSERT INTO event_tags (arn, key, value) VALUES (:arn, :key, :value)
ON CONFLICT (arn, key) DO UPDATE SET value = :value

-- name: tags
SELECT key, value FROM event_tags WHERE arn = :arn ORDER BY key

-- name: delete_tag
DELETE FROM event_tags WHERE arn = :arn AND key = :key

-- name: delete_tags
DELETE FROM event_tags WHERE arn = :arn
