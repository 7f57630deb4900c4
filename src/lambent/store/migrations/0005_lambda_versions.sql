-- last: the highest number that was ever given. It outlives the function, because numbers are never given twice.
-- content: what was published under it, NULL once the function is gone.
CREATE TABLE lambda_version_numbers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    last BIGINT NOT NULL,
    content TEXT,
    PRIMARY KEY (account, region, name)
);

-- In all tables below, name is the function's, and qualifier a version, an alias, `$LATEST`, or '' for the function.

-- weights: versions beside `version` and their share of the calls, as a JSON object.
CREATE TABLE lambda_aliases (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    alias TEXT NOT NULL,
    version TEXT NOT NULL,
    weights TEXT NOT NULL,
    description TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, name, alias)
);

CREATE TABLE lambda_policies (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    document TEXT NOT NULL,
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

-- What is set for a function as a whole; NULL where it is not set.
CREATE TABLE lambda_function_settings (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    reserved_concurrency BIGINT CHECK (reserved_concurrency >= 0),
    recursive_loop TEXT CHECK (recursive_loop IN ('Allow', 'Terminate')),
    code_signing_config TEXT,
    PRIMARY KEY (account, region, name)
);

CREATE INDEX lambda_function_settings_by_code_signing_config ON lambda_function_settings (code_signing_config, name)
WHERE code_signing_config IS NOT NULL;

-- failure: why the environments could not be started, NULL while they are being started or are there.
CREATE TABLE lambda_provisioned_concurrency (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    requested BIGINT NOT NULL CHECK (requested > 0),
    failure TEXT,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

CREATE TABLE lambda_event_invoke_configs (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    maximum_retry_attempts BIGINT,
    maximum_event_age_s BIGINT,
    on_success TEXT,
    on_failure TEXT,
    last_modified BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, qualifier)
);

CREATE TABLE lambda_runtime_management (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    update_runtime_on TEXT NOT NULL CHECK (update_runtime_on IN ('Auto', 'FunctionUpdate', 'Manual')),
    runtime_version_arn TEXT,
    PRIMARY KEY (account, region, name, qualifier)
);

-- publishers: a JSON array of signing profile version ARNs.
CREATE TABLE lambda_code_signing_configs (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    description TEXT NOT NULL,
    publishers TEXT NOT NULL,
    untrusted_artifact TEXT NOT NULL CHECK (untrusted_artifact IN ('Warn', 'Enforce')),
    last_modified BIGINT NOT NULL
);

CREATE INDEX lambda_code_signing_configs_by_account ON lambda_code_signing_configs (account, region, arn);
