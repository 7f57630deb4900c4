-- name: stream_id
SELECT id FROM log_streams
WHERE account = :account AND region = :region AND log_group = :log_group AND stream = :stream

-- name: add_stream
INSERT INTO log_streams (account, region, log_group, stream, created_at, last_event_at)
VALUES (:account, :region, :log_group, :stream, :now, :last_ms)
ON CONFLICT (account, region, log_group, stream) DO UPDATE SET last_event_at = excluded.last_event_at

-- name: add_chunk
INSERT INTO log_chunks (stream_id, first_ms, last_ms, count, events)
VALUES (:stream_id, :first_ms, :last_ms, :count, :events)

-- name: chunks_after
-- Ids first, from the index alone: sorting the events themselves would read a whole group for each page.
SELECT log_chunks.id AS id, log_streams.stream AS stream, log_chunks.events AS events
FROM log_chunks JOIN log_streams ON log_streams.id = log_chunks.stream_id
WHERE log_chunks.id IN (
    SELECT log_chunks.id
    FROM log_chunks JOIN log_streams ON log_streams.id = log_chunks.stream_id
    WHERE log_streams.account = :account AND log_streams.region = :region AND log_streams.log_group = :log_group
      AND log_chunks.id > :after
    ORDER BY log_chunks.id
    LIMIT :count
)
ORDER BY log_chunks.id

-- name: last_chunks
SELECT log_chunks.id AS id
FROM log_chunks JOIN log_streams ON log_streams.id = log_chunks.stream_id
WHERE log_streams.account = :account AND log_streams.region = :region AND log_streams.log_group = :log_group
ORDER BY log_chunks.id DESC
LIMIT :count
