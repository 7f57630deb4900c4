"""Settings of text messages, and numbers that opted out: plain stored data, as nothing leaves by telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.sns.endpoints import is_phone_number
from lambent.services.sns.refusals import invalid, not_built
from lambent.store import load_queries

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sns.context import Sns

_SQL = load_queries("lambent.services.sns", "sms.sql")
_KEPT = {"DefaultSenderID": None, "DefaultSMSType": ("Promotional", "Transactional")}
_NOT_BUILT = (
    "MonthlySpendLimit",
    "DeliveryStatusIAMRole",
    "DeliveryStatusSuccessSamplingRate",
    "UsageReportS3Bucket",
)


async def set_sms_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Keep settings. Raises AwsError InvalidParameter, NotImplementedException."""
    rows = []
    for name, value in params["attributes"].items():
        if name in _NOT_BUILT:
            raise not_built(f"the SMS attribute {name}")
        if name not in _KEPT:
            raise invalid(f"{name} is not a valid attribute")
        allowed = _KEPT[name]
        if allowed is not None and value not in allowed:
            raise invalid(f"{name} is invalid")
        rows.append({"account": call.account, "region": call.region, "name": name, "value": value})
    await service.store.write(lambda tx: tx.executemany(_SQL["put"], rows))
    return {}


async def get_sms_attributes(service: Sns, call: Call, params: Params) -> Output:
    """Settings: those that are named, else all."""
    wanted = params.get("attributes")
    row = {"account": call.account, "region": call.region}
    found = await service.store.read(lambda tx: tx.all(_SQL["all"], row))
    kept = {row["name"]: row["value"] for row in found}
    return {"attributes": {name: value for name, value in kept.items() if not wanted or name in wanted}}


async def check_if_phone_number_is_opted_out(_service: Sns, _call: Call, params: Params) -> Output:
    """Nobody opts out: nobody gets a message to answer. Raises AwsError InvalidParameter."""
    _check_number(params["phoneNumber"])
    return {"isOptedOut": False}


async def list_phone_numbers_opted_out(_service: Sns, _call: Call, _params: Params) -> Output:
    """None."""
    return {"phoneNumbers": []}


async def opt_in_phone_number(_service: Sns, _call: Call, params: Params) -> Output:
    """Every number is in. Raises AwsError InvalidParameter."""
    _check_number(params["phoneNumber"])
    return {}


def _check_number(text: str) -> None:
    if not is_phone_number(text):
        raise invalid(f"PhoneNumber Reason: {text} is not valid")
