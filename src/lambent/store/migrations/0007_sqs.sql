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
