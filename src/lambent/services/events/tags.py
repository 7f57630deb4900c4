"""Tags of buses and rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.services.events import repository
from lambent.services.events.names import existing_bus, existing_rule
from lambent.services.events.record import DEFAULT, BusKey
from lambent.services.events.refusals import invalid, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.store import Tx

_ARN = re.compile(r"arn:[\w-]+:events:([a-z0-9-]+):([0-9]{12}):(event-bus|rule)/(?:([^/]+)/)?([^/]+)", re.ASCII)


async def tag_resource(service: Events, call: Call, params: Params) -> Output:
    """Add tags, replacing those with the same keys."""
    arn = params["ResourceARN"]
    keys = [tag["Key"] for tag in params["Tags"]]
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid("Tag keys starting with 'aws:' are reserved for system use.")

    def work(tx: Tx) -> None:
        _check(tx, call, arn)
        repository.put_tags(tx, arn, params["Tags"])

    await service.store.write(work)
    return {}


async def untag_resource(service: Events, call: Call, params: Params) -> Output:
    """Remove tags; keys that are not there are ignored."""
    arn = params["ResourceARN"]

    def work(tx: Tx) -> None:
        _check(tx, call, arn)
        repository.remove_tags(tx, arn, params["TagKeys"])

    await service.store.write(work)
    return {}


async def list_tags_for_resource(service: Events, call: Call, params: Params) -> Output:
    """A bus's or a rule's tags."""
    arn = params["ResourceARN"]

    def work(tx: Tx) -> list[dict[str, str]]:
        _check(tx, call, arn)
        return repository.tags(tx, arn)

    return {"Tags": await service.store.read(work)}


def _check(tx: Tx, call: Call, arn: str) -> None:
    """Raises AwsError ResourceNotFoundException for what is not there."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise invalid(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    region, account, kind, bus, name = found.groups()
    if (account, region) != (call.account, call.region):
        raise not_found(f"Resource {arn} does not exist.")
    if kind == "event-bus":
        existing_bus(tx, BusKey(account, region, name))
    else:
        existing_rule(tx, existing_bus(tx, BusKey(account, region, bus or DEFAULT)), name)
