-- name: insert
INSERT INTO sts_sessions (
    access_key, account, kind, principal_id, name, session, secret, token, scope, created_at, expires_at
) VALUES (
    :access_key, :account, :kind, :principal_id, :name, :session, :secret, :token, :scope, :created_at, :expires_at
)

-- name: load
SELECT * FROM sts_sessions WHERE access_key = :access_key

-- name: forget
-- A few at a time: whoever asks for new credentials does not wait for a great clean-up.
DELETE FROM sts_sessions
WHERE access_key IN (
    SELECT access_key FROM sts_sessions WHERE expires_at < :before ORDER BY expires_at LIMIT 20
)
