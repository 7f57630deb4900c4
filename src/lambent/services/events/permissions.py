"""PutPermission, RemovePermission: who else may put events on a bus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambent.arn import partition_of
from lambent.services.events import repository
from lambent.services.events.document import compact, read_object
from lambent.services.events.names import bus_to_write, own_bus
from lambent.services.events.refusals import invalid, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.services.events.record import Bus, BusKey
    from lambent.store import Tx

_EMPTY = '{"Version":"2012-10-17","Statement":[]}'
_MOST_BYTES = 10_240


def lets_in(policy: str | None, account: str) -> bool:
    """Whether a bus's policy lets another account put events on it.

    A statement with a condition lets nobody in: there are no organizations that it could name.
    """
    statements = json.loads(policy or _EMPTY).get("Statement") or []
    for statement in _listed(statements):
        actions = _listed(statement.get("Action"))
        takes = statement.get("Effect") == "Allow" and not statement.get("Condition")
        if takes and {"*", "events:*", "events:PutEvents"} & set(actions) and _names(statement, account):
            return True
    return False


async def put_permission(service: Events, call: Call, params: Params) -> Output:
    """Add a statement to a bus's policy, or replace the policy."""
    key, whole = own_bus(call, params), params.get("Policy")
    if whole is not None:
        policy = read_object(whole)
        if policy is None or not _is_policy(policy):
            raise invalid("Parameter Policy is not valid.")
    else:
        for name in ("Action", "Principal", "StatementId"):
            if not params.get(name):
                raise invalid(f"Parameter {name} is not valid. Reason: {name} is a required argument.")

    def work(tx: Tx) -> None:
        bus = bus_to_write(tx, key, service.now_ms())
        if whole is not None:
            _keep(service, tx, bus, whole)
            return
        policy = json.loads(bus.policy or _EMPTY)
        others = [one for one in policy["Statement"] if one.get("Sid") != params["StatementId"]]
        _keep(service, tx, bus, compact({**policy, "Statement": [*others, _statement(key, params)]}))

    await service.store.write(work)
    return {}


async def remove_permission(service: Events, call: Call, params: Params) -> Output:
    """Remove a statement of a bus's policy, or all of them."""
    key = own_bus(call, params)

    def work(tx: Tx) -> None:
        bus = bus_to_write(tx, key, service.now_ms())
        if params.get("RemoveAllPermissions"):
            _keep(service, tx, bus, None)
            return
        if bus.policy is None:
            raise not_found("EventBus does not have a policy.")
        policy = json.loads(bus.policy)
        statements = _listed(policy["Statement"])
        left = [one for one in statements if one.get("Sid") != params.get("StatementId")]
        if len(left) == len(statements):
            raise not_found("Statement with the provided id does not exist.")
        _keep(service, tx, bus, compact({**policy, "Statement": left}) if left else None)

    await service.store.write(work)
    return {}


def _keep(service: Events, tx: Tx, bus: Bus, policy: str | None) -> None:
    if policy is not None and len(policy.encode()) > _MOST_BYTES:
        raise invalid("The policy is longer than 10240 bytes.")
    repository.set_bus(tx, bus, description=bus.description, policy=policy, now_ms=service.now_ms())


def _statement(key: BusKey, params: Params) -> dict[str, Any]:
    principal, condition = params["Principal"], params.get("Condition")
    root = f"arn:{partition_of(key.region)}:iam::{principal}:root"
    statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": root},
        "Action": params["Action"],
        "Resource": key.arn,
    }
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _is_policy(policy: dict[str, Any]) -> bool:
    statements = _listed(policy.get("Statement"))
    return bool(statements) and all(isinstance(one, dict) and "Effect" in one for one in statements)


def _names(statement: dict[str, Any], account: str) -> bool:
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS")) if isinstance(principal, dict) else _listed(principal)
    return any(one in {"*", account} or str(one).endswith(f":iam::{account}:root") for one in named)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
