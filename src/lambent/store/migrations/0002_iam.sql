-- Users, groups, roles, instance profiles and customer managed policies: what differs between them is in `details`.
CREATE TABLE iam_entities (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'group', 'role', 'instance-profile', 'policy')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    path TEXT NOT NULL,
    boundary TEXT,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account, kind, name_key)
);

CREATE INDEX iam_entities_by_boundary ON iam_entities (account, boundary) WHERE boundary IS NOT NULL;

CREATE TABLE iam_tags (
    entity_id TEXT NOT NULL REFERENCES iam_entities (id) ON DELETE CASCADE,
    tag_key TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entity_id, tag_key)
);

CREATE TABLE iam_inline_policies (
    entity_id TEXT NOT NULL REFERENCES iam_entities (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (entity_id, name)
);

-- policy_id is that of a customer's or of one of AWS's managed policies; the latter are no rows.
CREATE TABLE iam_attachments (
    entity_id TEXT NOT NULL REFERENCES iam_entities (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    PRIMARY KEY (entity_id, policy_id)
);

CREATE INDEX iam_attachments_by_policy ON iam_attachments (account, policy_id);

CREATE TABLE iam_policy_versions (
    policy_id TEXT NOT NULL REFERENCES iam_entities (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (policy_id, number)
);

-- Users in groups, roles in instance profiles.
CREATE TABLE iam_members (
    holder_id TEXT NOT NULL REFERENCES iam_entities (id),
    member_id TEXT NOT NULL REFERENCES iam_entities (id),
    PRIMARY KEY (holder_id, member_id)
);

CREATE INDEX iam_members_by_member ON iam_members (member_id);

CREATE TABLE iam_access_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES iam_entities (id),
    secret TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('Active', 'Inactive')),
    created_at BIGINT NOT NULL
);

CREATE INDEX iam_access_keys_by_user ON iam_access_keys (user_id);

CREATE TABLE iam_account_aliases (
    account TEXT PRIMARY KEY,
    alias TEXT NOT NULL UNIQUE
);

CREATE TABLE iam_role_deletions (
    account TEXT NOT NULL,
    task_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, task_id)
);

-- Temporary credentials. principal_id: the role or user behind them, NULL for the account itself and federated users.
CREATE TABLE sts_sessions (
    access_key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('role', 'user', 'federated', 'root')),
    principal_id TEXT,
    name TEXT NOT NULL,
    session TEXT NOT NULL,
    secret TEXT NOT NULL,
    token TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sts_sessions_by_expiry ON sts_sessions (expires_at);
