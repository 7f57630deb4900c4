-- alias: the empty string for the URL of the function itself.
CREATE TABLE lambda_urls (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    alias TEXT NOT NULL,
    auth_type TEXT NOT NULL CHECK (auth_type IN ('NONE', 'AWS_IAM')),
    invoke_mode TEXT CHECK (invoke_mode IN ('BUFFERED', 'RESPONSE_STREAM')),
    cors TEXT,
    created_at BIGINT NOT NULL,
    last_modified BIGINT NOT NULL,
    UNIQUE (account, region, name, alias)
);

-- last_version: numbers are never given twice, however many versions were deleted.
CREATE TABLE lambda_layers (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    last_version BIGINT NOT NULL,
    PRIMARY KEY (account, region, name)
);

CREATE TABLE lambda_layer_versions (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    description TEXT NOT NULL,
    license TEXT,
    runtimes TEXT NOT NULL,
    architectures TEXT NOT NULL,
    code_blob TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size BIGINT NOT NULL,
    unzipped_size BIGINT NOT NULL,
    policy TEXT,
    policy_revision TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account, region, name, version)
);
