-- name: insert
INSERT INTO sqs_move_tasks (id, source_arn, destination_arn, per_second, status, moved, to_move, started_at)
VALUES (:id, :source_arn, :destination_arn, :per_second, 'RUNNING', 0, :to_move, :now)

-- name: load
SELECT * FROM sqs_move_tasks WHERE id = :id

-- name: running_of
SELECT id FROM sqs_move_tasks WHERE source_arn = :source_arn AND status = 'RUNNING'

-- name: of_source
SELECT * FROM sqs_move_tasks WHERE source_arn = :source_arn ORDER BY started_at DESC, id LIMIT :count

-- name: running
SELECT * FROM sqs_move_tasks WHERE status = 'RUNNING' ORDER BY id

-- name: end
UPDATE sqs_move_tasks SET status = :status, failure = :failure WHERE id = :id AND status = 'RUNNING'

-- name: moved
UPDATE sqs_move_tasks SET moved = moved + :count, worked_at = :now WHERE id = :id
