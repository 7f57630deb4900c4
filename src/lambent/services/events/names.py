"""Which bus, rule or archive a request means. Raises AwsError where it means none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.services.events import repository
from lambent.services.events.record import DEFAULT, BusKey
from lambent.services.events.refusals import no_bus, no_rule

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.events.record import Bus, Rule
    from lambent.store import Tx

_BUS_ARN = re.compile(r"arn:[\w-]+:events:([a-z0-9-]+):([0-9]{12}):event-bus/(.+)", re.ASCII)


def bus_of_arn(arn: str) -> BusKey | None:
    """The bus of an ARN; None for one of something else."""
    found = _BUS_ARN.fullmatch(arn)
    return None if found is None else BusKey(found[2], found[1], found[3])


def bus_key(call: Call, name: str | None) -> BusKey:
    """The bus of a name or an ARN; `default` where there is neither."""
    return bus_of_arn(name or "") or BusKey(call.account, call.region, name or DEFAULT)


def own_bus(call: Call, params: Params, member: str = "EventBusName") -> BusKey:
    """The same, which must be the caller's: another account's is as if it did not exist."""
    key = bus_key(call, params.get(member))
    if (key.account, key.region) != (call.account, call.region):
        raise no_bus(key.name)
    return key


def existing_bus(tx: Tx, key: BusKey) -> Bus:
    """Raises AwsError ResourceNotFoundException."""
    bus = repository.load_bus(tx, key)
    if bus is None:
        raise no_bus(key.name)
    return bus


def bus_to_write(tx: Tx, key: BusKey, now_ms: int) -> Bus:
    """The same, in the form that rules can be kept with."""
    bus = repository.bus_to_write(tx, key, now_ms)
    if bus is None:
        raise no_bus(key.name)
    return bus


def existing_rule(tx: Tx, bus: Bus, name: str) -> Rule:
    """Raises AwsError ResourceNotFoundException."""
    rule = repository.load_rule(tx, bus, name)
    if rule is None:
        raise no_rule(name, bus.key.name)
    return rule
