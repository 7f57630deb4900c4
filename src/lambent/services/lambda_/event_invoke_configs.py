"""Put-, Update-, Get- and DeleteFunctionEventInvokeConfig, ListFunctionEventInvokeConfigs.

Source: developer guide, "Configuring error handling settings for asynchronous invocations".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_ import event_invoke, paging, repository
from lambent.services.lambda_.event_invoke import EventInvokeConfig
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import exists
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import invalid_parameter, not_built, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.errors import AwsError
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx

_SERVICES = frozenset(("lambda", "sqs", "sns", "events"))
"""What may get a record of either outcome; S3 gets failures only."""


async def put_function_event_invoke_config(service: Lambda, call: Call, params: Params) -> Output:
    """Put a configuration in the place of whatever there was.

    Raises AwsError InvalidParameterValueException, ResourceNotFoundException.
    """
    return await _change(service, call, params, merge=False)


async def update_function_event_invoke_config(service: Lambda, call: Call, params: Params) -> Output:
    """Change a configuration that is there; what is not sent stays, an empty Destination clears.

    Raises AwsError InvalidParameterValueException, ResourceNotFoundException.
    """
    return await _change(service, call, params, merge=True)


async def get_function_event_invoke_config(service: Lambda, call: Call, params: Params) -> Output:
    """A configuration. Raises AwsError ResourceNotFoundException."""
    named = _named(call, params)
    return (await service.store.read(lambda tx: _existing(tx, named))).view()


async def delete_function_event_invoke_config(service: Lambda, call: Call, params: Params) -> Output:
    """Forget a configuration. Raises AwsError ResourceNotFoundException."""
    named = _named(call, params)
    await service.store.write(lambda tx: _delete(tx, named))
    return {}


async def list_function_event_invoke_configs(service: Lambda, call: Call, params: Params) -> Output:
    """A function's configurations by qualifier, at most 50 a page. Raises AwsError ResourceNotFoundException."""
    named, (after,) = parse(call, params["FunctionName"]), paging.after(params)
    configs = await service.store.read(lambda tx: _page(tx, named, after, paging.size(params) + 1))
    found, more = paging.cut(configs, params, lambda one: [one.qualifier])
    return {"FunctionEventInvokeConfigs": [one.view() for one in found], **more}


async def _change(service: Lambda, call: Call, params: Params, *, merge: bool) -> Output:
    named, fields = _named(call, params), _fields(params)
    if not fields:
        raise invalid_parameter("You must specify at least one of error handling or destination setting.")
    now = service.now_ms()
    config = await service.store.write(lambda tx: _put(tx, named, params, fields, now, merge=merge))
    return config.view()


def _named(call: Call, params: Params) -> FunctionName:
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    return replace(named, qualifier=named.qualifier or LATEST)


def _fields(params: Params) -> dict[str, Any]:
    """What was sent, as the record names it; an empty destination is None."""
    fields: dict[str, Any] = {
        name: params[parameter]
        for parameter, name in (
            ("MaximumRetryAttempts", "maximum_retry_attempts"),
            ("MaximumEventAgeInSeconds", "maximum_event_age_s"),
        )
        if params.get(parameter) is not None
    }
    destinations = params.get("DestinationConfig")
    if destinations is not None:
        for parameter, name in (("OnSuccess", "on_success"), ("OnFailure", "on_failure")):
            if destinations.get(parameter) is not None:
                fields[name] = destinations[parameter].get("Destination") or None
    return fields


def _put(
    tx: Tx, named: FunctionName, params: Params, fields: dict[str, Any], now_ms: int, *, merge: bool
) -> EventInvokeConfig:
    if not exists(tx, named):
        raise _no_function()
    _check_destinations(tx, named, params.get("DestinationConfig") or {})
    fresh = EventInvokeConfig(function=named.key, qualifier=str(named.qualifier), last_modified=now_ms)
    before = _existing(tx, named) if merge else fresh
    config = replace(before, **fields, last_modified=now_ms)
    event_invoke.put(tx, config)
    return config


def _check_destinations(tx: Tx, named: FunctionName, destinations: dict[str, Any]) -> None:
    sent = {name: (destinations.get(name) or {}).get("Destination") for name in ("OnSuccess", "OnFailure")}
    for name, arn in sent.items():
        if arn and not _is_service_of(arn, name):
            words = ", ".join(f"{_lower(one)}={_shown(one, found)}" for one, found in sent.items())
            raise invalid_parameter(f"The provided destination config DestinationConfig({words}) is invalid.")
    for arn in filter(None, sent.values()):
        if arn.split(":")[2] == "s3":
            raise not_built("buckets as destinations (DestinationConfig.OnFailure)")
        if arn.split(":")[2] == "lambda":
            _check_function(tx, named, arn)


def _is_service_of(arn: str, outcome: str) -> bool:
    parts = arn.split(":")
    if parts[0] != "arn" or len(parts) < 6 or arn.endswith(".fifo"):
        return False
    return parts[2] in _SERVICES or (parts[2] == "s3" and outcome == "OnFailure")


def _check_function(tx: Tx, named: FunctionName, arn: str) -> None:
    parts = arn.split(":")
    target = replace(
        named,
        region=parts[3],
        account=parts[4],
        name=parts[6] if len(parts) > 6 else "",
        qualifier=parts[7] if len(parts) > 7 else None,
    )
    if target.key == named.key:
        raise invalid_parameter("You can't specify the function as a destination for itself.")
    if not exists(tx, target):
        raise invalid_parameter(f"The destination ARN {arn} is invalid.")


def _shown(name: str, arn: str | None) -> str:
    return f"{name}(destination={arn})" if arn else "null"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _existing(tx: Tx, named: FunctionName) -> EventInvokeConfig:
    config = event_invoke.load(tx, named.key, str(named.qualifier))
    if config is None:
        raise _no_config(named)
    return config


def _delete(tx: Tx, named: FunctionName) -> None:
    if not event_invoke.delete(tx, named.key, str(named.qualifier)):
        raise _no_config(named)


def _page(tx: Tx, named: FunctionName, after: str, count: int) -> list[EventInvokeConfig]:
    if repository.load(tx, named.key) is None:
        raise _no_function()
    return event_invoke.page(tx, named.key, after=after, count=count)


def _no_function() -> AwsError:
    return not_found("The function doesn't exist.")


def _no_config(named: FunctionName) -> AwsError:
    return not_found(f"The function {named.qualified_arn} doesn't have an EventInvokeConfig")
