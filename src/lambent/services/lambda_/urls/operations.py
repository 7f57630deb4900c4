"""Create-, Get-, Update- and DeleteFunctionUrlConfig, ListFunctionUrlConfigs.

A URL belongs to a function, or to one of its aliases; versions have none, as the service model's patterns say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.lambda_ import alias, paging
from lambent.services.lambda_ import repository as functions
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import FunctionKey
from lambent.services.lambda_.refusals import conflict, not_found
from lambent.services.lambda_.urls import cors, repository
from lambent.services.lambda_.urls.record import BUFFERED, FunctionUrl, new_id, timestamp

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.errors import AwsError
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.store import Tx


async def create_function_url_config(service: Lambda, call: Call, params: Params) -> Output:
    """Give a function or an alias a URL. Raises AwsError ResourceNotFoundException, ResourceConflictException."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    cors.check(params.get("Cors") or {})
    now = service.now_ms()
    url = FunctionUrl(
        id=new_id(),
        account=named.account,
        region=named.region,
        name=named.name,
        alias=named.qualifier,
        auth_type=params["AuthType"],
        invoke_mode=params.get("InvokeMode"),
        cors=params.get("Cors") or None,
        created_ms=now,
        modified_ms=now,
    )
    await service.store.write(lambda tx: _insert(tx, named, url))
    return url.shown(call.endpoint)


async def get_function_url_config(service: Lambda, call: Call, params: Params) -> Output:
    """The settings of a URL. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    return _whole(await service.store.read(lambda tx: _existing(tx, named)), call)


async def update_function_url_config(service: Lambda, call: Call, params: Params) -> Output:
    """Change the settings of a URL; what is not sent stays, and Cors is replaced as a whole.

    Raises AwsError ResourceNotFoundException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    changes: dict[str, Any] = {
        field: params[name]
        for name, field in (("AuthType", "auth_type"), ("InvokeMode", "invoke_mode"))
        if params.get(name) is not None
    }
    if params.get("Cors") is not None:
        cors.check(params["Cors"])
        changes["cors"] = params["Cors"] or None
    changes["modified_ms"] = service.now_ms()
    url = await service.store.write(lambda tx: _update(tx, named, changes))
    service.urls.forget(named.account, named.region, named.name)
    return {**url.shown(call.endpoint), "LastModifiedTime": timestamp(url.modified_ms)}


async def delete_function_url_config(service: Lambda, call: Call, params: Params) -> Output:
    """Take a URL away; its address is never given again. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    await service.store.write(lambda tx: _delete(tx, named))
    service.urls.forget(named.account, named.region, named.name)
    return {}


async def list_function_url_configs(service: Lambda, call: Call, params: Params) -> Output:
    """The URLs of a function and its aliases, at most 50 a page. Raises AwsError ResourceNotFoundException."""
    named = replace(parse(call, params["FunctionName"]), qualifier=None)
    after = _after(params)
    urls = await service.store.read(lambda tx: _page(tx, named, after, paging.size(params) + 1))
    page, more = paging.cut(urls, params, lambda url: [_marker(url.alias)])
    return {"FunctionUrlConfigs": [_whole(url, call) for url in page], **more}


def _insert(tx: Tx, named: FunctionName, url: FunctionUrl) -> None:
    _check_function(tx, named)
    if repository.load(tx, *_place(named)) is not None:
        raise conflict(
            f"Failed to create function url config for [functionArn = {url.arn}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function"
        )
    repository.insert(tx, url)


def _existing(tx: Tx, named: FunctionName) -> FunctionUrl:
    url = repository.load(tx, *_place(named))
    if url is None:
        raise _no_such_url()
    return url


def _update(tx: Tx, named: FunctionName, changes: dict[str, Any]) -> FunctionUrl:
    _check_function(tx, named)
    url = replace(_existing(tx, named), **changes)
    repository.save(tx, url)
    return url


def _delete(tx: Tx, named: FunctionName) -> None:
    _existing(tx, named)
    repository.delete(tx, *_place(named))


def _page(tx: Tx, named: FunctionName, after: str | None, count: int) -> list[FunctionUrl]:
    _check_function(tx, named)
    return repository.page(tx, named.account, named.region, named.name, after=after, count=count)


def _check_function(tx: Tx, named: FunctionName) -> None:
    """Refuse where there is no such function, or it has no such alias."""
    key = FunctionKey(named.account, named.region, named.name)
    known = functions.load(tx, key) is not None
    if not known or (named.qualifier is not None and alias.load(tx, key, named.qualifier) is None):
        raise not_found("Function does not exist")


def _place(named: FunctionName) -> tuple[str, str, str, str | None]:
    return named.account, named.region, named.name, named.qualifier


def _whole(url: FunctionUrl, call: Call) -> dict[str, Any]:
    """As it is got and listed: with the invoke mode that it has, sent or not."""
    mode = url.invoke_mode or BUFFERED
    return {**url.shown(call.endpoint), "LastModifiedTime": timestamp(url.modified_ms), "InvokeMode": mode}


def _marker(alias: str | None) -> str:
    """A key for the next page that also the URL without an alias has."""
    return f"/{alias or ''}"


def _after(params: Params) -> str | None:
    """The alias that a page begins behind: the empty string is the function itself, None the beginning."""
    key = paging.after(params)[0]
    return key.removeprefix("/") if key else None


def _no_such_url() -> AwsError:
    return not_found("The resource you requested does not exist.")
