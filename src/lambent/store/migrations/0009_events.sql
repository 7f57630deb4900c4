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
