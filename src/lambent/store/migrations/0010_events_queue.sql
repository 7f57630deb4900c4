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
