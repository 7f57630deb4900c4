-- name: touch_metric
INSERT INTO cloudwatch_metrics (account, region, namespace, name, dimensions, last_at)
VALUES (:account, :region, :namespace, :name, :dimensions, :now)
ON CONFLICT (account, region, namespace, name, dimensions) DO UPDATE SET last_at = excluded.last_at

-- name: metric_id
SELECT id FROM cloudwatch_metrics
WHERE account = :account AND region = :region AND namespace = :namespace AND name = :name AND dimensions = :dimensions

-- name: forget_metrics
DELETE FROM cloudwatch_metrics WHERE last_at < :before

-- name: page
-- An empty text stands for a filter that was not given.
SELECT namespace, name, dimensions FROM cloudwatch_metrics
WHERE account = :account AND region = :region AND last_at >= :since
  AND (:namespace = '' OR namespace = :namespace) AND (:name = '' OR name = :name)
  AND (namespace, name, dimensions) > (:after_namespace, :after_name, :after_dimensions)
ORDER BY namespace, name, dimensions
LIMIT :count

-- name: samples
SELECT samples, total, minimum, maximum, distribution FROM cloudwatch_samples
WHERE metric_id = :metric_id AND start_s = :start_s AND period_s = :period_s AND unit = :unit

-- name: put_samples
INSERT INTO cloudwatch_samples (metric_id, start_s, period_s, unit, samples, total, minimum, maximum, distribution)
VALUES (:metric_id, :start_s, :period_s, :unit, :samples, :total, :minimum, :maximum, :distribution)
ON CONFLICT (metric_id, start_s, period_s, unit) DO UPDATE SET
    samples = excluded.samples, total = excluded.total, minimum = excluded.minimum, maximum = excluded.maximum,
    distribution = excluded.distribution

-- name: range
SELECT period_s, start_s, unit, samples, total, minimum, maximum FROM cloudwatch_samples
WHERE metric_id = :metric_id AND start_s >= :first AND start_s < :last

-- name: range_with_values
SELECT period_s, start_s, unit, samples, total, minimum, maximum, distribution FROM cloudwatch_samples
WHERE metric_id = :metric_id AND start_s >= :first AND start_s < :last

-- name: aged
SELECT metric_id, period_s, start_s, unit, samples, total, minimum, maximum, distribution FROM cloudwatch_samples
WHERE period_s = :period_s AND start_s < :before
ORDER BY start_s
LIMIT :count

-- name: remove_samples
DELETE FROM cloudwatch_samples
WHERE metric_id = :metric_id AND start_s = :start_s AND period_s = :period_s AND unit = :unit
