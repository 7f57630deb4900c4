-- name: load
SELECT reserved_concurrency, recursive_loop, code_signing_config FROM lambda_function_settings
WHERE account = :account AND region = :region AND name = :name

-- name: put
INSERT INTO lambda_function_settings (
    account, region, name, reserved_concurrency, recursive_loop, code_signing_config
) VALUES (
    :account, :region, :name, :reserved_concurrency, :recursive_loop, :code_signing_config
)
ON CONFLICT (account, region, name) DO UPDATE
SET reserved_concurrency = excluded.reserved_concurrency, recursive_loop = excluded.recursive_loop,
    code_signing_config = excluded.code_signing_config

-- name: reserved
SELECT account, region, name, reserved_concurrency FROM lambda_function_settings
WHERE reserved_concurrency IS NOT NULL

-- name: page_by_code_signing_config
SELECT account, region, name FROM lambda_function_settings
WHERE code_signing_config = :arn AND name > :after
ORDER BY name
LIMIT :count
