-- name: insert_topic
INSERT INTO sns_topics (arn, account, region, attributes, last_sequence)
VALUES (:arn, :account, :region, :attributes, 0)

-- name: topic
SELECT * FROM sns_topics WHERE arn = :arn

-- name: topics
SELECT * FROM sns_topics WHERE account = :account AND region = :region AND arn > :after ORDER BY arn LIMIT :count

-- name: set_topic_attributes
UPDATE sns_topics SET attributes = :attributes WHERE arn = :arn

-- name: set_sequence
UPDATE sns_topics SET last_sequence = :last_sequence WHERE arn = :arn

-- name: delete_topic
DELETE FROM sns_topics WHERE arn = :arn

-- name: delete_subscriptions_of_topic
DELETE FROM sns_subscriptions WHERE topic = :arn

-- name: delete_tags_of_topic
DELETE FROM sns_tags WHERE topic = :arn

-- name: delete_deduplications_of_topic
DELETE FROM sns_deduplications WHERE topic = :arn

-- name: tags
SELECT key, value FROM sns_tags WHERE topic = :topic ORDER BY key

-- name: put_tag
INSERT INTO sns_tags (topic, key, value) VALUES (:topic, :key, :value)
ON CONFLICT (topic, key) DO UPDATE SET value = excluded.value

-- name: delete_tag
DELETE FROM sns_tags WHERE topic = :topic AND key = :key

-- name: counts
SELECT state, count(*) AS number FROM sns_subscriptions WHERE topic = :topic GROUP BY state

-- name: insert_subscription
INSERT INTO sns_subscriptions (
    arn, topic, account, region, owner, principal, protocol, endpoint, state,
    authenticated, guarded, attributes, token, token_ends
)
VALUES (
    :arn, :topic, :account, :region, :owner, :principal, :protocol, :endpoint, :state,
    :authenticated, :guarded, :attributes, :token, :token_ends
)

-- name: save_subscription
UPDATE sns_subscriptions
SET state = :state, authenticated = :authenticated, guarded = :guarded, attributes = :attributes,
    token = :token, token_ends = :token_ends
WHERE arn = :arn

-- name: subscription
SELECT * FROM sns_subscriptions WHERE arn = :arn

-- name: subscription_to
SELECT * FROM sns_subscriptions
WHERE topic = :topic AND protocol = :protocol AND endpoint = :endpoint AND state <> 'deleted'

-- name: subscription_by_token
SELECT * FROM sns_subscriptions WHERE token = :token

-- name: confirmed
SELECT * FROM sns_subscriptions WHERE topic = :topic AND state = 'confirmed' ORDER BY arn

-- name: subscriptions_of_topic
SELECT * FROM sns_subscriptions
WHERE topic = :topic AND state <> 'deleted' AND arn > :after
ORDER BY arn LIMIT :count

-- name: subscriptions
SELECT * FROM sns_subscriptions
WHERE account = :account AND region = :region AND state <> 'deleted' AND arn > :after
ORDER BY arn LIMIT :count

-- name: forget_unconfirmed
DELETE FROM sns_subscriptions WHERE token_ends <= :now AND state <> 'confirmed'

-- name: next_end
SELECT min(token_ends) AS at FROM sns_subscriptions WHERE state <> 'confirmed'

-- name: forget_deduplications
DELETE FROM sns_deduplications WHERE ends_at <= :now

-- name: deduplication
SELECT message_id, sequence FROM sns_deduplications
WHERE topic = :topic AND message_group = :message_group AND id = :id

-- name: put_deduplication
INSERT INTO sns_deduplications (topic, message_group, id, message_id, sequence, ends_at)
VALUES (:topic, :message_group, :id, :message_id, :sequence, :ends_at)

-- name: put_sent
INSERT INTO sns_sent (account, region, protocol, endpoint, subscription, message_id, subject, body, sent_at)
VALUES (:account, :region, :protocol, :endpoint, :subscription, :message_id, :subject, :body, :sent_at)

-- name: sent
SELECT * FROM sns_sent WHERE account = :account AND region = :region ORDER BY id
