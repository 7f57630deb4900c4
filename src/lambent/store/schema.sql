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

-- A group without a name was deleted: what is left of it is removed piece by piece, and goes first.
CREATE TABLE log_groups (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT,
    class TEXT NOT NULL CHECK (class IN ('STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS')),
    retention_days BIGINT,
    is_protected BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account, region, name)
);

CREATE INDEX log_groups_deleted ON log_groups (id) WHERE name IS NULL;

CREATE INDEX log_groups_expiring ON log_groups (id) WHERE retention_days IS NOT NULL;

CREATE TABLE log_tags (
    group_id BIGINT NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (group_id, key)
);

-- A stream without a name was deleted, as its group would be. Times of events are 0 before there is one.
CREATE TABLE log_streams (
    id INTEGER PRIMARY KEY,
    group_id BIGINT NOT NULL REFERENCES log_groups (id),
    name TEXT,
    created_at BIGINT NOT NULL,
    first_event_at BIGINT NOT NULL,
    last_event_at BIGINT NOT NULL,
    last_ingestion_at BIGINT NOT NULL,
    UNIQUE (group_id, name)
);

-- Events of a stream that lie at most a minute apart, packed, so that a busy function costs few rows. bytes: as AWS counts
-- them. Ids are never given twice: they are positions of those who follow a group.
CREATE TABLE log_chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id BIGINT NOT NULL REFERENCES log_groups (id),
    stream_id BIGINT NOT NULL REFERENCES log_streams (id),
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    ingested_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    events BLOB NOT NULL
);

CREATE INDEX log_streams_by_event ON log_streams (group_id, last_event_at, name);

CREATE INDEX log_streams_deleted ON log_streams (id) WHERE name IS NULL;

CREATE INDEX log_chunks_by_stream ON log_chunks (stream_id, first_ms, id);

CREATE INDEX log_chunks_by_group ON log_chunks (group_id, first_ms, id);

CREATE INDEX log_chunks_by_arrival ON log_chunks (group_id, id);

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

-- last: the highest number that was ever given. It outlives the function, because numbers are never given twice.
-- content: what was published under it, NULL once the function is gone.
CREATE TABLE lambda_version_numbers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    last BIGINT NOT NULL,
    content TEXT,
    PRIMARY KEY (account, region, name)
);

-- In all tables below, name is the function's, and qualifier a version, an alias, `$LATEST`, or '' for the function.

-- weights: versions beside `version` and their share of the calls, as a JSON object.
CREATE TABLE lambda_aliases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    alias TEXT NOT NULL,
    version TEXT NOT NULL,
    weights TEXT NOT NULL,
    description TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, name, alias)
);

CREATE TABLE lambda_policies (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    document TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

-- What is set for a function as a whole; NULL where it is not set.
CREATE TABLE lambda_function_settings (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    reserved_concurrency BIGINT CHECK (reserved_concurrency >= 0),
    recursive_loop TEXT CHECK (recursive_loop IN ('Allow', 'Terminate')),
    code_signing_config TEXT,
    PRIMARY KEY (account, region, name)
);

CREATE INDEX lambda_function_settings_by_code_signing_config ON lambda_function_settings (code_signing_config, name)
WHERE code_signing_config IS NOT NULL;

-- failure: why the environments could not be started, NULL while they are being started or are there.
CREATE TABLE lambda_provisioned_concurrency (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    requested BIGINT NOT NULL CHECK (requested > 0),
    failure TEXT,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

CREATE TABLE lambda_event_invoke_configs (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    maximum_retry_attempts BIGINT,
    maximum_event_age_s BIGINT,
    on_success TEXT,
    on_failure TEXT,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

CREATE TABLE lambda_runtime_management (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    update_runtime_on TEXT NOT NULL CHECK (update_runtime_on IN ('Auto', 'FunctionUpdate', 'Manual')),
    runtime_version_arn TEXT,
    PRIMARY KEY (account, region, name, qualifier)
);

-- publishers: a JSON array of signing profile version ARNs.
CREATE TABLE lambda_code_signing_configs (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    description TEXT NOT NULL,
    publishers TEXT NOT NULL,
    untrusted_artifact TEXT NOT NULL CHECK (untrusted_artifact IN ('Warn', 'Enforce')),
    last_modified BIGINT NOT NULL
);

CREATE INDEX lambda_code_signing_configs_by_account ON lambda_code_signing_configs (account, region, arn);

-- alias: the empty string for the URL of the function itself.
CREATE TABLE lambda_urls (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    alias TEXT NOT NULL,
    auth_type TEXT NOT NULL CHECK (auth_type IN ('NONE', 'AWS_IAM')),
    invoke_mode TEXT CHECK (invoke_mode IN ('BUFFERED', 'RESPONSE_STREAM')),
    cors TEXT,
    created_at BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    UNIQUE (account, region, name, alias)
);

-- last_version: numbers are never given twice, however many versions were deleted.
CREATE TABLE lambda_layers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    last_version BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
);

CREATE TABLE lambda_layer_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    description TEXT NOT NULL,
    license TEXT,
    runtimes TEXT NOT NULL,
    architectures TEXT NOT NULL,
    code_blob TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size BIGINT NOT NULL,
    unzipped_size BIGINT NOT NULL,
    policy TEXT,
    policy_revision TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, version)
);
