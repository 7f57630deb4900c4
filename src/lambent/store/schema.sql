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

-- Asynchronous calls that have not come to their end. ready_at: when the event may be taken; while it runs, the end of
-- the lease of its lease_owner. qualifier is empty where the caller named none. last_attempt: JSON, what came of the
-- attempt before. source: the service that put it here, empty for a call of the API. timeline: JSON, its attempts.
CREATE TABLE lambda_events (
    id TEXT PRIMARY KEY,
    function_arn TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    payload TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    trace_header TEXT,
    source TEXT NOT NULL,
    last_attempt TEXT,
    timeline TEXT NOT NULL,
    lease_owner TEXT
);

CREATE INDEX lambda_events_ready ON lambda_events (function_arn, ready_at);

-- Where the events of something that was deleted are to end: its settings as they were, JSON.
CREATE TABLE lambda_event_legacies (
    function_arn TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    settings TEXT NOT NULL,
    PRIMARY KEY (function_arn, qualifier)
);

-- Events that have come to their end, for a while. told: JSON, whom it was told to and what failed.
CREATE TABLE lambda_event_ends (
    id TEXT PRIMARY KEY,
    function_arn TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    source TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    condition TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    timeline TEXT NOT NULL,
    told TEXT NOT NULL
);

CREATE INDEX lambda_event_ends_by_time ON lambda_event_ends (ended_at);

CREATE INDEX lambda_event_ends_by_function ON lambda_event_ends (function_arn, ended_at);

-- What of a queue changes with its operations. attributes: those that were set, as a JSON object; tags likewise.
-- lot: where its messages lie. retention_s and dlq_arn are attributes, too, that others are found by.
-- A deleted queue keeps its name for a while, which nobody may take meanwhile.
CREATE TABLE sqs_queues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    lot BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL,
    retention_s BIGINT NOT NULL,
    dlq_arn TEXT,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    purged_at BIGINT,
    deleted_at BIGINT
);

CREATE UNIQUE INDEX sqs_queues_by_name ON sqs_queues (account, region, name) WHERE deleted_at IS NULL;

CREATE INDEX sqs_queues_by_dlq ON sqs_queues (dlq_arn, name) WHERE dlq_arn IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX sqs_queues_deleted ON sqs_queues (account, region, name, deleted_at) WHERE deleted_at IS NOT NULL;

-- The messages of a queue, taken together: a purge or a deletion gives them up at once, and they are removed later, piece
-- by piece. messages: how many there are. turns: counts how often a message group had its turn.
CREATE TABLE sqs_lots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    messages BIGINT NOT NULL,
    turns BIGINT NOT NULL,
    is_over BIGINT NOT NULL CHECK (is_over IN (0, 1))
);

CREATE INDEX sqs_lots_over ON sqs_lots (id) WHERE is_over = 1;

-- Ids are never given twice and grow: they are the order of a FIFO queue. Times are epoch milliseconds. visible_at: when it
-- can be received; until then it is delayed, or in flight once receive_count is not 0. enqueued_at: what its age counts
-- from. received_at: the last time. receives_before: its receive_count when it came to this queue. source_arn: the queue
-- that gave up on it.
CREATE TABLE sqs_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lot BIGINT NOT NULL REFERENCES sqs_lots (id),
    visible_at BIGINT NOT NULL,
    receive_count BIGINT NOT NULL,
    enqueued_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    received_at BIGINT,
    first_received_at BIGINT,
    receives_before BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    group_id TEXT,
    deduplication_id TEXT,
    trace_header TEXT,
    source_arn TEXT,
    attributes TEXT,
    body TEXT NOT NULL
);

CREATE INDEX sqs_messages_by_visibility ON sqs_messages (lot, visible_at, receive_count, id);

CREATE INDEX sqs_messages_by_age ON sqs_messages (lot, enqueued_at);

CREATE INDEX sqs_messages_by_group ON sqs_messages (lot, group_id, id) WHERE group_id IS NOT NULL;

-- Message groups of FIFO queues that have messages. ready_at: when their first message can be received, or could first.
CREATE TABLE sqs_groups (
    lot BIGINT NOT NULL REFERENCES sqs_lots (id),
    group_id TEXT NOT NULL,
    ready_at BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (lot, group_id)
);

CREATE INDEX sqs_groups_by_turn ON sqs_groups (lot, ready_at, turn);

-- scope: the message group where deduplication is by group, else the empty string. message: the id of its row.
CREATE TABLE sqs_deduplications (
    lot BIGINT NOT NULL REFERENCES sqs_lots (id),
    scope TEXT NOT NULL,
    deduplication_id TEXT NOT NULL,
    message BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (lot, scope, deduplication_id)
);

CREATE INDEX sqs_deduplications_by_expiry ON sqs_deduplications (expires_at);

-- What a receive with a ReceiveRequestAttemptId got: a JSON array of [id, receive_count, visible_at].
CREATE TABLE sqs_attempts (
    lot BIGINT NOT NULL REFERENCES sqs_lots (id),
    attempt_id TEXT NOT NULL,
    taken TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (lot, attempt_id)
);

CREATE INDEX sqs_attempts_by_expiry ON sqs_attempts (expires_at);

-- destination_arn: NULL sends each message back to where it came from. worked_at: when it moved messages last.
CREATE TABLE sqs_move_tasks (
    id TEXT PRIMARY KEY,
    source_arn TEXT NOT NULL,
    destination_arn TEXT,
    per_second BIGINT,
    status TEXT NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
    moved BIGINT NOT NULL,
    to_move BIGINT NOT NULL,
    failure TEXT,
    started_at BIGINT NOT NULL,
    worked_at BIGINT
);

CREATE INDEX sqs_move_tasks_by_source ON sqs_move_tasks (source_arn, started_at);

CREATE INDEX sqs_move_tasks_running ON sqs_move_tasks (id) WHERE status = 'RUNNING';

-- attributes: what was set, as JSON; what was never set is shown by its default. last_sequence: of FIFO topics.
CREATE TABLE sns_topics (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    attributes TEXT NOT NULL,
    last_sequence BIGINT NOT NULL
);

CREATE INDEX sns_topics_by_account ON sns_topics (account, region, arn);

CREATE TABLE sns_tags (
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (topic, key)
);

-- token: confirms a pending subscription and restores a deleted one, until token_ends.
CREATE TABLE sns_subscriptions (
    arn TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    owner TEXT NOT NULL,
    principal TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'deleted')),
    authenticated INTEGER NOT NULL CHECK (authenticated IN (0, 1)),
    guarded INTEGER NOT NULL CHECK (guarded IN (0, 1)),
    attributes TEXT NOT NULL,
    token TEXT NOT NULL,
    token_ends BIGINT NOT NULL
);

CREATE UNIQUE INDEX sns_subscriptions_by_topic ON sns_subscriptions (topic, protocol, endpoint) WHERE state <> 'deleted';
CREATE INDEX sns_subscriptions_of_topic ON sns_subscriptions (topic, arn);
CREATE INDEX sns_subscriptions_by_account ON sns_subscriptions (account, region, arn);
CREATE INDEX sns_subscriptions_by_token ON sns_subscriptions (token);
CREATE INDEX sns_subscriptions_ending ON sns_subscriptions (token_ends) WHERE state <> 'confirmed';

-- What was published to FIFO topics in the last minutes.
CREATE TABLE sns_deduplications (
    topic TEXT NOT NULL,
    message_group TEXT NOT NULL,
    id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (topic, message_group, id)
);

CREATE INDEX sns_deduplications_ending ON sns_deduplications (ends_at);

-- What is to be posted to endpoints of http and https. due_at: when it is to be tried next; of one that is being tried,
-- when its lease ends.
CREATE TABLE sns_deliveries (
    id TEXT PRIMARY KEY,
    subscription TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation')),
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    raw INTEGER NOT NULL CHECK (raw IN (0, 1)),
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_owner TEXT
);

CREATE INDEX sns_deliveries_due ON sns_deliveries (due_at, subscription);
CREATE INDEX sns_deliveries_by_subscription ON sns_deliveries (subscription, due_at);

-- What would have gone to people: mail, text messages, notifications of applications.
CREATE TABLE sns_sent (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    subscription TEXT,
    message_id TEXT NOT NULL,
    subject TEXT,
    body TEXT NOT NULL,
    sent_at BIGINT NOT NULL
);

CREATE INDEX sns_sent_by_account ON sns_sent (account, region, id);

CREATE TABLE sns_sms_attributes (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, region, name)
);

CREATE TABLE sns_applications (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    attributes TEXT NOT NULL
);

CREATE TABLE sns_endpoints (
    arn TEXT PRIMARY KEY,
    application TEXT NOT NULL,
    token TEXT NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (application, token)
);

-- rules_token: changes with every change of the bus's rules, targets and archives, and never comes twice: what is compiled
-- of them is kept under it. The bus `default` has a row once something was written to it.
CREATE TABLE event_buses (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    policy TEXT,
    rules_token TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    UNIQUE (account, region, name)
);

-- due_at: when the schedule fires next, in epoch milliseconds; NULL without one, or while disabled.
CREATE TABLE event_rules (
    id INTEGER PRIMARY KEY,
    bus_id BIGINT NOT NULL REFERENCES event_buses (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    pattern TEXT,
    schedule TEXT,
    state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS')),
    description TEXT,
    role_arn TEXT,
    due_at BIGINT,
    UNIQUE (bus_id, name)
);

CREATE INDEX event_rules_due ON event_rules (due_at) WHERE due_at IS NOT NULL;

-- target: as PutTargets was given it, JSON.
CREATE TABLE event_targets (
    rule_id BIGINT NOT NULL REFERENCES event_rules (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    arn TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (rule_id, id)
);

CREATE INDEX event_targets_by_arn ON event_targets (arn);

CREATE TABLE event_tags (
    arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
);

-- What is still to be handed over, with the target as it was when the event matched.
-- hops: how many buses the event came through on its way.
CREATE TABLE event_deliveries (
    id INTEGER PRIMARY KEY,
    rule_arn TEXT NOT NULL,
    target TEXT NOT NULL,
    event TEXT NOT NULL,
    hops BIGINT NOT NULL,
    trace_header TEXT,
    ingested_at BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    due_at BIGINT NOT NULL
);

CREATE INDEX event_deliveries_due ON event_deliveries (due_at, id);

CREATE TABLE event_archives (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    bus_id BIGINT NOT NULL REFERENCES event_buses (id) ON DELETE CASCADE,
    description TEXT,
    pattern TEXT,
    retention_days BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account, region, name)
);

CREATE TABLE event_archived (
    id INTEGER PRIMARY KEY,
    archive_id BIGINT NOT NULL REFERENCES event_archives (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    ingested_at BIGINT NOT NULL
);

CREATE INDEX event_archived_by_time ON event_archived (archive_id, ingested_at, id);

-- destination: JSON. Events up to and with (position_at, position_id) were replayed.
CREATE TABLE event_replays (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    archive_arn TEXT NOT NULL,
    destination TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('STARTING', 'RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED', 'FAILED')),
    state_reason TEXT,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    position_at BIGINT NOT NULL,
    position_id BIGINT NOT NULL,
    replay_started_at BIGINT NOT NULL,
    replay_ended_at BIGINT,
    UNIQUE (account, region, name)
);

-- EventBridge Scheduler. The group `default` is everywhere without a row.
CREATE TABLE scheduler_groups (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    client_token TEXT,
    created_at BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
);

-- settings: as CreateSchedule was given them, JSON, times in epoch milliseconds.
-- due_at: the next time of the schedule; fire_at: when it fires for that, within its flexible window. NULL without a next.
CREATE TABLE scheduler_schedules (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    group_name TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    client_token TEXT,
    created_at BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    due_at BIGINT,
    fire_at BIGINT,
    UNIQUE (account, region, group_name, name)
);

CREATE INDEX scheduler_schedules_due ON scheduler_schedules (fire_at) WHERE fire_at IS NOT NULL;
