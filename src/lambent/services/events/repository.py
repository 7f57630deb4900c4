"""Buses, rules, targets and tags in the store. Each function here runs within a transaction that its caller holds."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from lambent.services.events.document import compact
from lambent.services.events.record import DEFAULT, Bus, BusKey, bus_of, rule_of
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.events.record import Rule
    from lambent.store import Tx

_SQL = load_queries("lambent.services.events", "events.sql")

SCHEDULES = "events/schedules"
"""The signal that a rule's schedule has changed."""


# --- buses


def insert_bus(tx: Tx, key: BusKey, description: str | None, now_ms: int) -> bool:
    """Keep a new bus; False, and nothing kept, where its name is taken."""
    row = {**key._asdict(), "description": description, "token": _token(), "now": now_ms}
    return tx.execute(_SQL["insert_bus"], row) == 1


def load_bus(tx: Tx, key: BusKey) -> Bus | None:
    """One bus, None where there is none; `default` is everywhere."""
    row = tx.one(_SQL["bus"], key._asdict())
    if row is not None:
        return bus_of(row)
    return _untouched(key) if key.name == DEFAULT else None


def bus_to_write(tx: Tx, key: BusKey, now_ms: int) -> Bus | None:
    """As `load_bus`, in the form that rules can be kept with."""
    if key.name == DEFAULT:
        insert_bus(tx, key, None, now_ms)
    return load_bus(tx, key)


def buses(tx: Tx, account: str, region: str) -> list[Bus]:
    """All buses by name."""
    found = {row["name"]: bus_of(row) for row in tx.all(_SQL["buses"], {"account": account, "region": region})}
    found.setdefault(DEFAULT, _untouched(BusKey(account, region, DEFAULT)))
    return [found[name] for name in sorted(found)]


def set_bus(tx: Tx, bus: Bus, *, description: str | None, policy: str | None, now_ms: int) -> None:
    """Replace what may change of a bus."""
    tx.execute(_SQL["set_bus"], {"id": bus.id, "description": description, "policy": policy, "now": now_ms})


def touch_bus(tx: Tx, bus: Bus) -> None:
    """Say that the bus's rules, targets or archives have changed."""
    tx.execute(_SQL["touch_bus"], {"id": bus.id, "token": _token()})


def delete_bus(tx: Tx, bus: Bus) -> None:
    """Delete a bus with its rules and archives."""
    tx.execute(_SQL["delete_bus"], {"id": bus.id})
    delete_tags(tx, bus.key.arn)


def _untouched(key: BusKey) -> Bus:
    return Bus(key, None, None, None, "", 0, 0)


def _token() -> str:
    return uuid.uuid4().hex


# --- rules


def put_rule(tx: Tx, bus: Bus, row: Mapping[str, Any]) -> None:
    """Keep a rule in the place of one with its name; targets stay."""
    tx.execute(_SQL["put_rule"], {**row, "bus_id": bus.id})
    touch_bus(tx, bus)
    tx.signal(SCHEDULES)


def load_rule(tx: Tx, bus: Bus, name: str) -> Rule | None:
    """One rule, None where there is none."""
    row = tx.one(_SQL["rule"], {"bus_id": bus.id, "name": name})
    return None if row is None else rule_of(row, bus.key)


def rules(tx: Tx, bus: Bus) -> list[Rule]:
    """All rules of a bus by name."""
    return [rule_of(row, bus.key) for row in tx.all(_SQL["rules"], {"bus_id": bus.id})]


def rule_names_of_target(tx: Tx, bus: Bus, arn: str) -> list[str]:
    """The rules of a bus that have a target with this ARN."""
    return [row["name"] for row in tx.all(_SQL["rule_names_of_target"], {"bus_id": bus.id, "arn": arn})]


def set_rule_state(tx: Tx, bus: Bus, rule: Rule, state: str, due_ms: int | None) -> None:
    """Switch a rule on or off."""
    tx.execute(_SQL["set_rule_state"], {"id": rule.id, "state": state, "due_at": due_ms})
    touch_bus(tx, bus)
    tx.signal(SCHEDULES)


def delete_rule(tx: Tx, bus: Bus, rule: Rule) -> None:
    """Delete a rule."""
    tx.execute(_SQL["delete_rule"], {"id": rule.id})
    delete_tags(tx, rule.arn)
    touch_bus(tx, bus)


# --- targets


def put_targets(tx: Tx, bus: Bus, rule: Rule, targets: Iterable[Mapping[str, Any]]) -> None:
    """Keep targets, each in the place of one with its id."""
    rows = [{"rule_id": rule.id, "id": one["Id"], "arn": one["Arn"], "target": compact(one)} for one in targets]
    tx.executemany(_SQL["put_target"], rows)
    touch_bus(tx, bus)


def targets(tx: Tx, rule: Rule) -> list[dict[str, Any]]:
    """A rule's targets by id."""
    return [json.loads(row["target"]) for row in tx.all(_SQL["targets"], {"rule_id": rule.id})]


def targets_of_rule(tx: Tx, number: int) -> list[str]:
    """The targets of a rule, as JSON."""
    return [row["target"] for row in tx.all(_SQL["targets"], {"rule_id": number})]


def targets_of_bus(tx: Tx, bus: Bus) -> dict[int, list[str]]:
    """The targets of all rules, as JSON, by the rule's number."""
    found: dict[int, list[str]] = {}
    for row in tx.all(_SQL["targets_of_bus"], {"bus_id": bus.id}):
        found.setdefault(row["rule_id"], []).append(row["target"])
    return found


def delete_target(tx: Tx, rule: Rule, target_id: str) -> bool:
    """Whether there was one."""
    return tx.execute(_SQL["delete_target"], {"rule_id": rule.id, "id": target_id}) == 1


# --- tags


def put_tags(tx: Tx, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """Add tags, replacing those whose keys are there already."""
    tx.executemany(_SQL["put_tag"], [{"arn": arn, "key": tag["Key"], "value": tag["Value"]} for tag in tags])


def tags(tx: Tx, arn: str) -> list[dict[str, str]]:
    """A resource's tags."""
    return [{"Key": row["key"], "Value": row["value"]} for row in tx.all(_SQL["tags"], {"arn": arn})]


def remove_tags(tx: Tx, arn: str, keys: Iterable[str]) -> None:
    """Remove tags; keys that are not there are ignored."""
    tx.executemany(_SQL["delete_tag"], [{"arn": arn, "key": key} for key in keys])


def delete_tags(tx: Tx, arn: str) -> None:
    """Remove all tags of a resource that goes."""
    tx.execute(_SQL["delete_tags"], {"arn": arn})
