"""The operations on code signing configurations, and on which functions have them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.lambda_ import code_signing, function_settings, paging, repository
from lambent.services.lambda_.code_signing import CodeSigningConfig
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing_function
from lambent.services.lambda_.refusals import conflict
from lambent.services.lambda_.tags import check_count

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionKey
    from lambent.store import Tx


async def create_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """Make a configuration; one that does not say otherwise warns. Raises AwsError InvalidParameterValueException."""
    tags = params.get("Tags") or {}
    check_count(len(tags))
    config = CodeSigningConfig(
        arn=code_signing.new_arn(call.account, call.region),
        account=call.account,
        region=call.region,
        description=params.get("Description") or "",
        publishers=params["AllowedPublishers"]["SigningProfileVersionArns"],
        untrusted_artifact=_untrusted(params) or "Warn",
        last_modified_ms=service.now_ms(),
    )
    await service.store.write(lambda tx: _insert(tx, config, tags))
    return {"CodeSigningConfig": config.view()}


async def get_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """A configuration. Raises AwsError ResourceNotFoundException."""
    arn = params["CodeSigningConfigArn"]
    return {"CodeSigningConfig": (await service.store.read(lambda tx: existing(tx, call, arn))).view()}


async def update_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """Change a configuration; what is not sent stays. Raises AwsError ResourceNotFoundException."""
    now = service.now_ms()
    return {"CodeSigningConfig": (await service.store.write(lambda tx: _update(tx, call, params, now))).view()}


async def delete_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """Delete a configuration that no function has.

    Raises AwsError ResourceConflictException, ResourceNotFoundException.
    """
    await service.store.write(lambda tx: _delete(tx, call, params["CodeSigningConfigArn"]))
    return {}


async def list_code_signing_configs(service: Lambda, call: Call, params: Params) -> Output:
    """The account's configurations in this region by ARN, at most 50 a page."""
    (after,), count = paging.after(params), paging.size(params) + 1
    configs = await service.store.read(
        lambda tx: code_signing.page(tx, call.account, call.region, after=after, count=count)
    )
    found, more = paging.cut(configs, params, lambda config: [config.arn])
    return {"CodeSigningConfigs": [config.view() for config in found], **more}


async def list_functions_by_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """The functions that have a configuration, by name, at most 50 a page.

    Raises AwsError ResourceNotFoundException.
    """
    (after,), count = paging.after(params), paging.size(params) + 1
    functions = await service.store.read(lambda tx: _users(tx, call, params["CodeSigningConfigArn"], after, count))
    found, more = paging.cut(functions, params, lambda function: [function.name])
    return {"FunctionArns": [function.arn() for function in found], **more}


async def put_function_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """Give a function a configuration; it holds for the packages that come.

    Raises AwsError CodeSigningConfigNotFoundException, ResourceNotFoundException.
    """
    named, arn = parse(call, params["FunctionName"]), params["CodeSigningConfigArn"]
    await service.store.write(lambda tx: _attach(tx, call, named, arn))
    return {"CodeSigningConfigArn": arn, "FunctionName": named.name}


async def get_function_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """A function's configuration; nothing where it has none. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"])
    arn = await service.store.read(lambda tx: _attached(tx, named))
    return {} if arn is None else {"CodeSigningConfigArn": arn, "FunctionName": named.name}


async def delete_function_code_signing_config(service: Lambda, call: Call, params: Params) -> Output:
    """Leave a function without a configuration. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"])
    await service.store.write(lambda tx: _detach(tx, named))
    return {}


def existing(tx: Tx, call: Call, arn: str) -> CodeSigningConfig:
    """The configuration that was named. Raises AwsError ResourceNotFoundException."""
    config = code_signing.load(tx, call.account, call.region, arn)
    if config is None:
        raise AwsError("ResourceNotFoundException", f"The Lambda code signing configuration {arn} can not be found.")
    return config


def _untrusted(params: Params) -> str | None:
    return (params.get("CodeSigningPolicies") or {}).get("UntrustedArtifactOnDeployment")


def _insert(tx: Tx, config: CodeSigningConfig, tags: dict[str, str]) -> None:
    code_signing.put(tx, config)
    repository.put_tags(tx, config.account, config.region, config.arn, tags)


def _update(tx: Tx, call: Call, params: Params, now_ms: int) -> CodeSigningConfig:
    before = existing(tx, call, params["CodeSigningConfigArn"])
    publishers, description = params.get("AllowedPublishers"), params.get("Description")
    after = replace(
        before,
        description=before.description if description is None else description,
        publishers=before.publishers if publishers is None else publishers["SigningProfileVersionArns"],
        untrusted_artifact=_untrusted(params) or before.untrusted_artifact,
    )
    if after == before:
        return before
    after = replace(after, last_modified_ms=now_ms)
    code_signing.put(tx, after)
    return after


def _delete(tx: Tx, call: Call, arn: str) -> None:
    config = existing(tx, call, arn)
    if function_settings.page_by_code_signing_config(tx, arn, after="", count=1):
        raise conflict(f"The code signing configuration {arn} is in use by functions and cannot be deleted.")
    code_signing.delete(tx, config)
    repository.remove_tags(tx, config.account, config.region, arn)


def _users(tx: Tx, call: Call, arn: str, after: str, count: int) -> list[FunctionKey]:
    existing(tx, call, arn)
    return function_settings.page_by_code_signing_config(tx, arn, after=after, count=count)


def _attach(tx: Tx, call: Call, named: FunctionName, arn: str) -> None:
    if code_signing.load(tx, call.account, call.region, arn) is None:
        raise code_signing.config_not_found(arn)
    existing_function(tx, named)
    function_settings.change(tx, named.key, code_signing_config=arn)


def _attached(tx: Tx, named: FunctionName) -> str | None:
    existing_function(tx, named)
    return code_signing.config_of(tx, named.key)


def _detach(tx: Tx, named: FunctionName) -> None:
    existing_function(tx, named)
    function_settings.change(tx, named.key, code_signing_config=None)
