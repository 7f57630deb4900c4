-- last_at: when something was written last, in epoch seconds; decides what is listed, and how long it is kept.
CREATE TABLE cloudwatch_metrics (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    dimensions TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    UNIQUE (account, region, namespace, name, dimensions)
);

CREATE INDEX cloudwatch_metrics_by_age ON cloudwatch_metrics (last_at);

-- One row for each metric, unit and slot of time. distribution: values and their counts, empty where all samples are the
-- same, NULL where their values are not known.
CREATE TABLE cloudwatch_samples (
    metric_id BIGINT NOT NULL REFERENCES cloudwatch_metrics (id) ON DELETE CASCADE,
    start_s BIGINT NOT NULL,
    period_s BIGINT NOT NULL CHECK (period_s IN (1, 60, 300, 3600)),
    unit TEXT NOT NULL,
    samples DOUBLE PRECISION NOT NULL,
    total DOUBLE PRECISION NOT NULL,
    minimum DOUBLE PRECISION NOT NULL,
    maximum DOUBLE PRECISION NOT NULL,
    distribution BLOB,
    PRIMARY KEY (metric_id, start_s, period_s, unit)
);

CREATE INDEX cloudwatch_samples_by_age ON cloudwatch_samples (period_s, start_s);
