-- name: add
INSERT INTO log_chunks (group_id, stream_id, first_ms, last_ms, ingested_at, count, bytes, events)
VALUES (:group_id, :stream_id, :first_ms, :last_ms, :now, :count, :bytes, :events)

-- name: events
SELECT events FROM log_chunks WHERE id = :id

-- name: newest
SELECT COALESCE(MAX(id), 0) AS id FROM log_chunks

-- Chunks that may have events of a range of times, without the events. after_ms, after_id: the chunk before, or where a
-- list begins, which is a minute before the range since chunks span as much.

-- name: of_stream
SELECT c.id AS id, c.first_ms AS first_ms, c.last_ms AS last_ms, c.ingested_at AS ingested_at, c.bytes AS bytes,
    s.name AS stream
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.stream_id = :stream_id AND (c.first_ms, c.id) > (:after_ms, :after_id)
    AND c.first_ms <= :high_ms AND c.last_ms >= :low_ms
ORDER BY c.first_ms, c.id LIMIT :count

-- name: of_stream_descending
SELECT c.id AS id, c.first_ms AS first_ms, c.last_ms AS last_ms, c.ingested_at AS ingested_at, c.bytes AS bytes,
    s.name AS stream
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.stream_id = :stream_id AND (c.first_ms, c.id) < (:after_ms, :after_id)
    AND c.first_ms >= :from_ms AND c.last_ms >= :low_ms
ORDER BY c.first_ms DESC, c.id DESC LIMIT :count

-- name: of_group
SELECT c.id AS id, c.first_ms AS first_ms, c.last_ms AS last_ms, c.ingested_at AS ingested_at, c.bytes AS bytes,
    s.name AS stream
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.group_id = :group_id AND (c.first_ms, c.id) > (:after_ms, :after_id)
    AND c.first_ms <= :high_ms AND c.last_ms >= :low_ms
    AND SUBSTR(s.name, 1, LENGTH(:prefix)) = :prefix
ORDER BY c.first_ms, c.id LIMIT :count

-- name: of_group_descending
SELECT c.id AS id, c.first_ms AS first_ms, c.last_ms AS last_ms, c.ingested_at AS ingested_at, c.bytes AS bytes,
    s.name AS stream
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.group_id = :group_id AND (c.first_ms, c.id) < (:after_ms, :after_id)
    AND c.first_ms >= :from_ms AND c.last_ms >= :low_ms
    AND SUBSTR(s.name, 1, LENGTH(:prefix)) = :prefix
ORDER BY c.first_ms DESC, c.id DESC LIMIT :count

-- As they arrived.

-- name: arrived
SELECT c.id AS id, c.ingested_at AS ingested_at, s.name AS stream, c.events AS events
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.group_id = :group_id AND c.id > :after AND s.name IS NOT NULL
ORDER BY c.id LIMIT :count

-- name: last_arrived
SELECT c.id AS id
FROM log_chunks AS c JOIN log_streams AS s ON s.id = c.stream_id
WHERE c.group_id = :group_id AND s.name IS NOT NULL
ORDER BY c.id DESC LIMIT :count
