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
