"""Platform applications and their endpoints: plain stored data. Nothing leaves for phones; see `outbox`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson

from lambent.arn import partition_of
from lambent.services.sns.paging import PAGE, after, cut
from lambent.services.sns.refusals import invalid, not_found
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns
    from lambent.store import Row, Tx

_SQL = load_queries("lambent.services.sns", "applications.sql")
_PLATFORMS = frozenset({"ADM", "APNS", "APNS_SANDBOX", "BAIDU", "FCM", "GCM", "MACOS", "MACOS_SANDBOX", "MPNS", "WNS"})
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_SECRET = frozenset({"PlatformCredential", "PlatformPrincipal"})


@dataclass(frozen=True, slots=True)
class Application:
    """A platform application; or, with a token, an endpoint of one."""

    arn: str
    attributes: Mapping[str, str]


def endpoint(tx: Tx, arn: str) -> Application | None:
    """One endpoint, None where there is none."""
    row = tx.one(_SQL["endpoint"], {"arn": arn})
    return None if row is None else _from(row)


async def create_platform_application(service: Sns, call: Call, params: Params) -> Output:
    """Keep an application; one that is there takes the attributes. Raises AwsError InvalidParameter."""
    platform, name = params["Platform"], params["Name"]
    if platform.upper() not in _PLATFORMS:
        raise invalid(f"Platform Reason: {platform} is not supported")
    if not _NAME.fullmatch(name):
        raise invalid("Name Reason: must be between 1 and 256 letters, numbers, underscores, hyphens, and periods")
    if not params["Attributes"].get("PlatformCredential"):
        raise invalid("Attributes Reason: Invalid value for attribute: PlatformCredential: cannot be empty")
    partition = partition_of(call.region)
    arn = f"arn:{partition}:sns:{call.region}:{call.account}:app/{platform}/{name}"
    row = {"arn": arn, "account": call.account, "region": call.region, "attributes": _json(params["Attributes"])}
    await service.store.write(lambda tx: tx.execute(_SQL["put_application"], row))
    return {"PlatformApplicationArn": arn}


async def list_platform_applications(service: Sns, call: Call, params: Params) -> Output:
    """Applications by ARN, without their credentials."""
    row = {"account": call.account, "region": call.region, "after": after(params.get("NextToken")), "count": PAGE + 1}
    found = await service.store.read(lambda tx: [_from(each) for each in tx.all(_SQL["applications"], row)])
    page, more = cut(found)
    listed = [{"PlatformApplicationArn": one.arn, "Attributes": _shown(one)} for one in page]
    return {"PlatformApplications": listed, **more}


async def get_platform_application_attributes(service: Sns, call: Call, params: Params) -> Output:
    """An application's attributes, without its credentials. Raises AwsError NotFound."""
    found = await service.store.read(lambda tx: _application(tx, call, params["PlatformApplicationArn"]))
    return {"Attributes": _shown(found)}


async def set_platform_application_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Add attributes to an application. Raises AwsError NotFound."""

    def work(tx: Tx) -> None:
        found = _application(tx, call, params["PlatformApplicationArn"])
        row = {"arn": found.arn, "attributes": _json({**found.attributes, **params["Attributes"]})}
        tx.execute(_SQL["set_application"], row)

    await service.store.write(work)
    return {}


async def delete_platform_application(service: Sns, call: Call, params: Params) -> Output:
    """Forget an application and its endpoints; one that is not there is no mistake."""
    row = {"arn": params["PlatformApplicationArn"], "account": call.account, "region": call.region}

    def work(tx: Tx) -> None:
        if tx.execute(_SQL["delete_application"], row):
            tx.execute(_SQL["delete_endpoints"], {"application": row["arn"]})

    await service.store.write(work)
    return {}


async def create_platform_endpoint(service: Sns, call: Call, params: Params) -> Output:
    """Keep an endpoint, or find the one that the token has. Raises AwsError InvalidParameter, NotFound."""
    token = params["Token"]
    attributes = {"Enabled": "true", "Token": token, **(params.get("Attributes") or {})}
    if params.get("CustomUserData") is not None:
        attributes["CustomUserData"] = params["CustomUserData"]

    def work(tx: Tx) -> str:
        application = _application(tx, call, params["PlatformApplicationArn"])
        row = tx.one(_SQL["endpoint_of_token"], {"application": application.arn, "token": token})
        if row is not None:
            existing = _from(row)
            if existing.attributes != attributes:
                raise invalid(
                    f"Token Reason: Endpoint {existing.arn} already exists with the same Token, "
                    "but different attributes."
                )
            return existing.arn
        arn = f"{application.arn.replace(':app/', ':endpoint/', 1)}/{uuid4()}"
        values = {"arn": arn, "application": application.arn, "token": token, "attributes": _json(attributes)}
        tx.execute(_SQL["insert_endpoint"], values)
        return arn

    return {"EndpointArn": await service.store.write(work)}


async def list_endpoints_by_platform_application(service: Sns, call: Call, params: Params) -> Output:
    """An application's endpoints by ARN. Raises AwsError NotFound."""
    start = after(params.get("NextToken"))

    def work(tx: Tx) -> list[Application]:
        application = _application(tx, call, params["PlatformApplicationArn"])
        row = {"application": application.arn, "after": start, "count": PAGE + 1}
        return [_from(each) for each in tx.all(_SQL["endpoints"], row)]

    page, more = cut(await service.store.read(work))
    return {"Endpoints": [{"EndpointArn": one.arn, "Attributes": dict(one.attributes)} for one in page], **more}


async def get_endpoint_attributes(service: Sns, call: Call, params: Params) -> Output:
    """An endpoint's attributes. Raises AwsError NotFound."""
    found = await service.store.read(lambda tx: _endpoint(tx, call, params["EndpointArn"]))
    return {"Attributes": dict(found.attributes)}


async def set_endpoint_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Add attributes to an endpoint. Raises AwsError NotFound."""

    def work(tx: Tx) -> None:
        found = _endpoint(tx, call, params["EndpointArn"])
        attributes = {**found.attributes, **params["Attributes"]}
        application, token = _application_of(found.arn), attributes["Token"]
        holder = tx.one(_SQL["endpoint_of_token"], {"application": application, "token": token})
        if holder is not None and holder["arn"] != found.arn:
            raise invalid(f"Token Reason: Endpoint {holder['arn']} already exists with the same Token.")
        tx.execute(_SQL["set_endpoint"], {"arn": found.arn, "token": token, "attributes": _json(attributes)})

    await service.store.write(work)
    return {}


async def delete_endpoint(service: Sns, call: Call, params: Params) -> Output:
    """Forget an endpoint; one that is not there is no mistake."""

    def work(tx: Tx) -> None:
        if _is_own(call, params["EndpointArn"]):
            tx.execute(_SQL["delete_endpoint"], {"arn": params["EndpointArn"]})

    await service.store.write(work)
    return {}


def _application(tx: Tx, call: Call, arn: str) -> Application:
    row = tx.one(_SQL["application"], {"arn": arn}) if _is_own(call, arn) else None
    if row is None:
        raise not_found("PlatformApplication does not exist")
    return _from(row)


def _endpoint(tx: Tx, call: Call, arn: str) -> Application:
    found = endpoint(tx, arn) if _is_own(call, arn) else None
    if found is None:
        raise not_found("Endpoint does not exist")
    return found


def _application_of(arn: str) -> str:
    """The ARN of the application that an endpoint belongs to."""
    return arn.rpartition("/")[0].replace(":endpoint/", ":app/", 1)


def _is_own(call: Call, arn: str) -> bool:
    return arn.startswith(f"arn:{partition_of(call.region)}:sns:{call.region}:{call.account}:")


def _shown(one: Application) -> dict[str, str]:
    return {"Enabled": "true"} | {name: value for name, value in one.attributes.items() if name not in _SECRET}


def _from(row: Row) -> Application:
    return Application(row["arn"], orjson.loads(row["attributes"]))


def _json(value: Mapping[str, str]) -> str:
    return orjson.dumps(value).decode()
