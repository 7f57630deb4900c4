CREATE TABLE lambda_functions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Pending', 'Active', 'Inactive', 'Failed')),
    state_reason TEXT,
    state_reason_code TEXT,
    last_update_status TEXT CHECK (last_update_status IN ('InProgress', 'Successful', 'Failed')),
    last_update_status_reason TEXT,
    last_update_status_reason_code TEXT,
    revision_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    runtime TEXT NOT NULL,
    code_blob TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size BIGINT NOT NULL,
    config TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, version)
);

-- What a stop left half-way is found without reading every function.
CREATE INDEX lambda_functions_unsettled ON lambda_functions (account)
WHERE state = 'Pending' OR last_update_status = 'InProgress';

CREATE TABLE lambda_tags (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    resource_arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, region, resource_arn, key)
);

CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    log_group TEXT NOT NULL,
    stream TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_event_at BIGINT NOT NULL,
    UNIQUE (account, region, log_group, stream)
);

-- One row for each stream and each time its lines were written: events are packed, so that a busy function costs few rows.
CREATE TABLE log_chunks (
    id INTEGER PRIMARY KEY,
    stream_id BIGINT NOT NULL REFERENCES log_streams (id) ON DELETE CASCADE,
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    count BIGINT NOT NULL,
    events BLOB NOT NULL
);

CREATE INDEX log_chunks_by_stream ON log_chunks (stream_id, id);

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

-- last_at: when something was written last, in epoch seconds; decides what is listed, and how long it is kept.
CREATE TABLE cloudwatch_metrics (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    dimensions TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    UNIQUE (account, region, namespace, name, dimensions)
);

CREATE INDEX cloudwatch_metrics_by_age ON cloudwatch_metrics (last_at);

-- One row for each metric, unit and slot of time. distribution: values and their counts, empty where all samples are the
-- same, NULL where their values are not known.
CREATE TABLE cloudwatch_samples (
    metric_id BIGINT NOT NULL REFERENCES cloudwatch_metrics (id) ON DELETE CASCADE,
    start_s BIGINT NOT NULL,
    period_s BIGINT NOT NULL CHECK (period_s IN (1, 60, 300, 3600)),
    unit TEXT NOT NULL,
    samples DOUBLE PRECISION NOT NULL,
    total DOUBLE PRECISION NOT NULL,
    minimum DOUBLE PRECISION NOT NULL,
    maximum DOUBLE PRECISION NOT NULL,
    distribution BLOB,
    PRIMARY KEY (metric_id, start_s, period_s, unit)
);

CREATE INDEX cloudwatch_samples_by_age ON cloudwatch_samples (period_s, start_s);
