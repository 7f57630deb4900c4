-- name: insert
INSERT INTO iam_entities (id, account, kind, name, name_key, path, boundary, details, created_at)
VALUES (:id, :account, :kind, :name, :name_key, :path, :boundary, :details, :created_at)

-- name: update
UPDATE iam_entities
SET name = :name, name_key = :name_key, path = :path, boundary = :boundary, details = :details
WHERE id = :id

-- name: delete
DELETE FROM iam_entities WHERE id = :id

-- name: load
SELECT * FROM iam_entities WHERE account = :account AND kind = :kind AND name_key = :name_key

-- name: load_by_id
SELECT * FROM iam_entities WHERE id = :id AND kind = :kind

-- name: page
SELECT * FROM iam_entities
WHERE account = :account AND kind = :kind AND name_key > :after AND substr(path, 1, length(:prefix)) = :prefix
ORDER BY name_key
LIMIT :count

-- name: all
SELECT * FROM iam_entities WHERE account = :account AND kind = :kind ORDER BY name_key

-- name: counts
SELECT kind, count(*) AS number FROM iam_entities WHERE account = :account GROUP BY kind

-- name: count
SELECT count(*) AS number FROM iam_entities WHERE account = :account AND kind = :kind

-- name: tags
SELECT key, value FROM iam_tags WHERE entity_id = :entity_id ORDER BY tag_key

-- name: put_tag
INSERT INTO iam_tags (entity_id, tag_key, key, value) VALUES (:entity_id, :tag_key, :key, :value)
ON CONFLICT (entity_id, tag_key) DO UPDATE SET key = excluded.key, value = excluded.value

-- name: delete_tag
DELETE FROM iam_tags WHERE entity_id = :entity_id AND tag_key = :tag_key

-- name: inline_policies
SELECT name, document FROM iam_inline_policies WHERE entity_id = :entity_id ORDER BY name

-- name: put_inline_policy
INSERT INTO iam_inline_policies (entity_id, name, document) VALUES (:entity_id, :name, :document)
ON CONFLICT (entity_id, name) DO UPDATE SET document = excluded.document

-- name: delete_inline_policy
DELETE FROM iam_inline_policies WHERE entity_id = :entity_id AND name = :name

-- name: attached
SELECT policy_id FROM iam_attachments WHERE entity_id = :entity_id

-- name: attach
INSERT INTO iam_attachments (entity_id, account, policy_id) VALUES (:entity_id, :account, :policy_id)
ON CONFLICT (entity_id, policy_id) DO NOTHING

-- name: detach
DELETE FROM iam_attachments WHERE entity_id = :entity_id AND policy_id = :policy_id

-- name: detach_all
DELETE FROM iam_attachments WHERE entity_id = :entity_id

-- name: attachment_counts
SELECT policy_id, count(*) AS number FROM iam_attachments WHERE account = :account GROUP BY policy_id

-- name: boundary_counts
SELECT boundary AS policy_id, count(*) AS number FROM iam_entities
WHERE account = :account AND boundary IS NOT NULL
GROUP BY boundary

-- name: attached_to
SELECT e.* FROM iam_attachments AS a JOIN iam_entities AS e ON e.id = a.entity_id
WHERE a.account = :account AND a.policy_id = :policy_id AND e.kind = :kind
ORDER BY e.name_key

-- name: bounded_by
SELECT * FROM iam_entities
WHERE account = :account AND boundary = :policy_id AND kind = :kind
ORDER BY name_key

-- name: versions
SELECT number, document, created_at FROM iam_policy_versions WHERE policy_id = :policy_id ORDER BY number DESC

-- name: version_count
SELECT count(*) AS number
FROM iam_policy_versions AS v JOIN iam_entities AS e ON e.id = v.policy_id
WHERE e.account = :account

-- name: put_version
INSERT INTO iam_policy_versions (policy_id, number, document, created_at)
VALUES (:policy_id, :number, :document, :created_at)

-- name: delete_version
DELETE FROM iam_policy_versions WHERE policy_id = :policy_id AND number = :number

-- name: put_member
INSERT INTO iam_members (holder_id, member_id) VALUES (:holder_id, :member_id)
ON CONFLICT (holder_id, member_id) DO NOTHING

-- name: delete_member
DELETE FROM iam_members WHERE holder_id = :holder_id AND member_id = :member_id

-- name: members
SELECT e.* FROM iam_members AS m JOIN iam_entities AS e ON e.id = m.member_id
WHERE m.holder_id = :id
ORDER BY e.name_key

-- name: holders
SELECT e.* FROM iam_members AS m JOIN iam_entities AS e ON e.id = m.holder_id
WHERE m.member_id = :id
ORDER BY e.name_key

-- name: insert_key
INSERT INTO iam_access_keys (id, user_id, secret, status, created_at)
VALUES (:id, :user_id, :secret, :status, :created_at)

-- name: key
SELECT * FROM iam_access_keys WHERE id = :id

-- name: keys
SELECT * FROM iam_access_keys WHERE user_id = :user_id ORDER BY created_at, id

-- name: set_key_status
UPDATE iam_access_keys SET status = :status WHERE id = :id

-- name: delete_key
DELETE FROM iam_access_keys WHERE id = :id

-- name: alias
SELECT alias FROM iam_account_aliases WHERE account = :account

-- name: account_of_alias
SELECT account FROM iam_account_aliases WHERE alias = :alias

-- name: put_alias
INSERT INTO iam_account_aliases (account, alias) VALUES (:account, :alias)
ON CONFLICT (account) DO UPDATE SET alias = excluded.alias

-- name: delete_alias
DELETE FROM iam_account_aliases WHERE account = :account AND alias = :alias

-- name: put_deletion
INSERT INTO iam_role_deletions (account, task_id, created_at) VALUES (:account, :task_id, :created_at)

-- name: deletion
SELECT task_id FROM iam_role_deletions WHERE account = :account AND task_id = :task_id
