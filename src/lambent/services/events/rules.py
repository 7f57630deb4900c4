"""PutRule, DescribeRule, ListRules, ListRuleNamesByTarget, EnableRule, DisableRule, DeleteRule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.events import pattern, repository
from lambent.services.events.names import bus_to_write, existing_bus, existing_rule, own_bus
from lambent.services.events.paging import page
from lambent.services.events.record import DEFAULT
from lambent.services.events.refusals import invalid
from lambent.services.events.schedule import parse_schedule

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.events.context import Events
    from lambent.services.events.record import Rule
    from lambent.store import Tx

DISABLED = "DISABLED"


async def put_rule(service: Events, call: Call, params: Params) -> Output:
    """Keep a rule, in the place of the one with its name where there is one; targets stay."""
    key, event_pattern, schedule = own_bus(call, params), params.get("EventPattern"), params.get("ScheduleExpression")
    if not event_pattern and not schedule:
        raise invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if schedule and key.name != DEFAULT:
        raise invalid("ScheduleExpression is supported only on the default event bus.")
    if event_pattern:
        pattern.check(event_pattern)
    state = params.get("State") or "ENABLED"
    row = {
        "name": params["Name"],
        "pattern": event_pattern or None,
        "schedule": schedule or None,
        "state": state,
        "description": params.get("Description"),
        "role_arn": params.get("RoleArn"),
        "due_at": _due_ms(service, schedule, state),
    }

    def work(tx: Tx) -> None:
        bus = bus_to_write(tx, key, service.now_ms())
        is_new = repository.load_rule(tx, bus, row["name"]) is None
        repository.put_rule(tx, bus, row)
        if is_new:
            repository.put_tags(tx, key.rule_arn(row["name"]), params.get("Tags") or [])

    await service.store.write(work)
    return {"RuleArn": key.rule_arn(params["Name"])}


async def describe_rule(service: Events, call: Call, params: Params) -> Output:
    """One rule."""
    key = own_bus(call, params)
    rule = await service.store.read(lambda tx: existing_rule(tx, existing_bus(tx, key), params["Name"]))
    return {**_view(rule), "CreatedBy": call.account}


async def list_rules(service: Events, call: Call, params: Params) -> Output:
    """Rules of a bus by name, in pages."""
    key = own_bus(call, params)
    found = await service.store.read(lambda tx: repository.rules(tx, existing_bus(tx, key)))
    shown, more = page(found, lambda rule: rule.name, params)
    return {"Rules": [_view(rule) for rule in shown], **more}


async def list_rule_names_by_target(service: Events, call: Call, params: Params) -> Output:
    """The names of the rules that have a target with this ARN, in pages."""
    key, arn = own_bus(call, params), params["TargetArn"]
    found = await service.store.read(lambda tx: repository.rule_names_of_target(tx, existing_bus(tx, key), arn))
    shown, more = page(found, str, params)
    return {"RuleNames": shown, **more}


async def enable_rule(service: Events, call: Call, params: Params) -> Output:
    """Let a rule match, and its schedule begin anew."""
    return await _switch(service, call, params, "ENABLED")


async def disable_rule(service: Events, call: Call, params: Params) -> Output:
    """Let a rule rest."""
    return await _switch(service, call, params, DISABLED)


async def delete_rule(service: Events, call: Call, params: Params) -> Output:
    """Delete a rule without targets; there may be none."""
    key = own_bus(call, params)

    def work(tx: Tx) -> None:
        bus = existing_bus(tx, key)
        rule = repository.load_rule(tx, bus, params["Name"])
        if rule is None:
            return
        if repository.targets(tx, rule):
            raise invalid("Rule can't be deleted since it has targets.")
        repository.delete_rule(tx, bus, rule)

    await service.store.write(work)
    return {}


async def _switch(service: Events, call: Call, params: Params, state: str) -> Output:
    key = own_bus(call, params)

    def work(tx: Tx) -> None:
        bus = existing_bus(tx, key)
        rule = existing_rule(tx, bus, params["Name"])
        if rule.state != state:
            repository.set_rule_state(tx, bus, rule, state, _due_ms(service, rule.schedule, state))

    await service.store.write(work)
    return {}


def _due_ms(service: Events, schedule: str | None, state: str) -> int | None:
    """When a rule's schedule fires first."""
    if not schedule:
        return None
    due_ms = parse_schedule(schedule).after_ms(service.now_ms())
    return None if state == DISABLED else due_ms


def _view(rule: Rule) -> dict[str, Any]:
    members = {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern,
        "ScheduleExpression": rule.schedule,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": rule.bus.name,
    }
    return {name: value for name, value in members.items() if value is not None}
