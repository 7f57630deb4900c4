-- name: insert
INSERT INTO log_streams (group_id, name, created_at, first_event_at, last_event_at, last_ingestion_at)
VALUES (:group_id, :name, :now, 0, 0, 0)
ON CONFLICT (group_id, name) DO NOTHING

-- name: load
SELECT * FROM log_streams WHERE group_id = :group_id AND name = :name

-- name: forget
UPDATE log_streams SET name = NULL WHERE id = :id

-- name: written
UPDATE log_streams SET
    first_event_at = CASE WHEN first_event_at = 0 OR first_event_at > :first_ms THEN :first_ms ELSE first_event_at END,
    last_event_at = CASE WHEN last_event_at < :last_ms THEN :last_ms ELSE last_event_at END,
    last_ingestion_at = :now
WHERE id = :id

-- name: by_name
SELECT * FROM log_streams
WHERE group_id = :group_id AND name >= :prefix AND name > :after
ORDER BY name LIMIT :count

-- name: by_name_descending
-- before: a text that no name reaches where a list begins.
SELECT * FROM log_streams
WHERE group_id = :group_id AND name >= :prefix AND name < :before
ORDER BY name DESC LIMIT :count

-- name: by_event
SELECT * FROM log_streams
WHERE group_id = :group_id AND name IS NOT NULL AND (last_event_at, name) > (:after_ms, :after)
ORDER BY last_event_at, name LIMIT :count

-- name: by_event_descending
SELECT * FROM log_streams
WHERE group_id = :group_id AND name IS NOT NULL AND (last_event_at, name) < (:before_ms, :before)
ORDER BY last_event_at DESC, name DESC LIMIT :count
