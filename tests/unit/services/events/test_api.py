from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from unit.services.events.world import ACCOUNT, PATTERN, QUEUE, REGION

if TYPE_CHECKING:
    from unit.services.events.world import World

OTHER = "999999999999"
NO_BUS = ("ResourceNotFoundException", "Event bus b does not exist.")
NO_RULE = ("ResourceNotFoundException", "Rule r does not exist on EventBus default.")
TARGET = {"Id": "t", "Arn": QUEUE}
BUS_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b"


# --- buses


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeEventBus", {"Name": "b"}),
        ("UpdateEventBus", {"Name": "b"}),
        ("PutRule", {"Name": "r", "EventPattern": PATTERN, "EventBusName": "b"}),
        ("ListRules", {"EventBusName": "b"}),
        ("ListRuleNamesByTarget", {"TargetArn": QUEUE, "EventBusName": "b"}),
        ("DescribeRule", {"Name": "r", "EventBusName": f"arn:aws:events:{REGION}:{OTHER}:event-bus/b"}),
        ("PutTargets", {"Rule": "r", "EventBusName": "b", "Targets": [TARGET]}),
        ("PutPermission", {"EventBusName": "b", "Policy": '{"Statement":[{"Effect":"Allow"}]}'}),
        ("TagResource", {"ResourceARN": BUS_ARN, "Tags": []}),
    ],
)
async def test_a_bus_that_is_not_there_is_not_found(world: World, operation: str, params: dict[str, Any]) -> None:
    assert await world.refused(operation, **params) == NO_BUS


@pytest.mark.parametrize("name", ["default", "b"])
async def test_a_name_is_given_once(world: World, name: str) -> None:
    await world.call("CreateEventBus", Name="b")
    assert await world.refused("CreateEventBus", Name=name) == (
        "ResourceAlreadyExistsException",
        f"Event bus {name} already exists.",
    )


async def test_the_default_bus_stays(world: World) -> None:
    assert await world.refused("DeleteEventBus", Name="default") == (
        "ValidationException",
        "Cannot delete event bus default.",
    )


async def test_a_bus_with_rules_stays(world: World) -> None:
    await world.call("CreateEventBus", Name="b")
    await world.call("PutRule", Name="r", EventPattern=PATTERN, EventBusName="b")
    assert await world.refused("DeleteEventBus", Name="b") == (
        "ValidationException",
        "EventBus can't be deleted since it has rules.",
    )
    await world.call("DeleteRule", Name="r", EventBusName="b")
    await world.call("DeleteEventBus", Name="b")
    await world.call("DeleteEventBus", Name="b")
    assert await world.refused("DescribeEventBus", Name="b") == NO_BUS


@pytest.mark.parametrize("member", [{"EventSourceName": "aws.partner/x/y"}, {"KmsKeyIdentifier": "k"}])
async def test_what_buses_cannot_have_is_refused_by_name(world: World, member: dict[str, str]) -> None:
    code, text = await world.refused("CreateEventBus", Name="b", **member)
    assert code == "NotImplementedException"
    assert next(iter(member)) in (text or "")


async def test_buses_are_shown(world: World) -> None:
    assert await world.call("CreateEventBus", Name="b", Description="d", Tags=[{"Key": "k", "Value": "v"}]) == {
        "EventBusArn": BUS_ARN,
        "Description": "d",
    }
    assert (await world.call("UpdateEventBus", Name="b", Description="e"))["Description"] == "e"
    shown = await world.call("DescribeEventBus", Name="b")
    assert shown == {
        "Name": "b",
        "Arn": BUS_ARN,
        "Description": "e",
        "CreationTime": world.clock.now(),
        "LastModifiedTime": world.clock.now(),
    }
    assert [bus["Name"] for bus in (await world.call("ListEventBuses"))["EventBuses"]] == ["b", "default"]
    assert [bus["Name"] for bus in (await world.call("ListEventBuses", NamePrefix="d"))["EventBuses"]] == ["default"]
    assert [bus["Name"] for bus in (await world.call("ListEventBuses", region="eu-west-1"))["EventBuses"]] == [
        "default"
    ]
    assert await world.call("ListTagsForResource", ResourceARN=BUS_ARN) == {"Tags": [{"Key": "k", "Value": "v"}]}


# --- rules


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeRule", {"Name": "r"}),
        ("EnableRule", {"Name": "r"}),
        ("DisableRule", {"Name": "r"}),
        ("PutTargets", {"Rule": "r", "Targets": [TARGET]}),
        ("ListTargetsByRule", {"Rule": "r"}),
        ("RemoveTargets", {"Rule": "r", "Ids": ["t"]}),
        ("TagResource", {"ResourceARN": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r", "Tags": []}),
    ],
)
async def test_a_rule_that_is_not_there_is_not_found(world: World, operation: str, params: dict[str, Any]) -> None:
    assert await world.refused(operation, **params) == NO_RULE


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('{"a":[]}', "Empty arrays are not allowed"),
        ("[]", "Filter is not an object"),
        ("{", "Event pattern is not valid JSON"),
    ],
)
async def test_what_is_no_pattern_is_refused(world: World, pattern: str, reason: str) -> None:
    expected = ("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")
    assert await world.refused("PutRule", Name="r", EventPattern=pattern) == expected
    assert await world.refused("TestEventPattern", EventPattern=pattern, Event="{}") == expected


async def test_a_rule_needs_something_to_wait_for(world: World) -> None:
    assert await world.refused("PutRule", Name="r") == (
        "ValidationException",
        "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    )


async def test_rules_are_shown_and_found(world: World) -> None:
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    assert await world.call("PutRule", Name="r", EventPattern=PATTERN, Description="d") == {"RuleArn": arn}
    rule = {
        "Name": "r",
        "Arn": arn,
        "EventPattern": PATTERN,
        "State": "ENABLED",
        "Description": "d",
        "EventBusName": "default",
    }
    assert await world.call("DescribeRule", Name="r") == {**rule, "CreatedBy": ACCOUNT}
    assert await world.call("ListRules", NamePrefix="r") == {"Rules": [rule]}
    await world.call("PutTargets", Rule="r", Targets=[TARGET])
    assert await world.call("ListRuleNamesByTarget", TargetArn=QUEUE) == {"RuleNames": ["r"]}
    await world.call("PutRule", Name="r", EventPattern=PATTERN, State="DISABLED")
    assert "Description" not in await world.call("DescribeRule", Name="r")
    assert (await world.call("ListTargetsByRule", Rule="r"))["Targets"] == [TARGET]


async def test_rules_come_in_pages(world: World) -> None:
    for name in "abc":
        await world.call("PutRule", Name=name, EventPattern=PATTERN)
    first = await world.call("ListRules", Limit=2)
    second = await world.call("ListRules", Limit=2, NextToken=first["NextToken"])
    assert [rule["Name"] for rule in first["Rules"] + second["Rules"]] == ["a", "b", "c"]
    assert "NextToken" not in second
    code, _ = await world.refused("ListRules", NextToken="é")
    assert code == "ValidationException"


# --- targets


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"Arn": "x"}, "Parameter x is not valid. Reason: Provided Arn is not in correct format."),
        ({"Arn": QUEUE + ".fifo"}, "Parameter(s) SqsParameters must be specified for target: t."),
        (
            {"Input": "1", "InputPath": "$"},
            "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
        ),
        ({"Input": "x"}, "JSON syntax error in input for target t."),
        ({"InputPath": "x"}, "Invalid InputPath for target t."),
        (
            {"InputTransformer": {"InputTemplate": "<x>"}},
            "InputTemplate for target t contains invalid placeholder x.",
        ),
    ],
)
async def test_what_is_no_target_is_refused(world: World, target: dict[str, Any], text: str) -> None:
    await world.call("PutRule", Name="r", EventPattern=PATTERN)
    assert await world.refused("PutTargets", Rule="r", Targets=[TARGET | target]) == ("ValidationException", text)


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s"},
        {"HttpParameters": {"PathParameterValues": ["x"]}},
        {"Arn": BUS_ARN, "Input": "1"},
    ],
)
async def test_targets_that_nobody_serves_are_refused_by_name(world: World, target: dict[str, Any]) -> None:
    await world.call("PutRule", Name="r", EventPattern=PATTERN)
    code, _ = await world.refused("PutTargets", Rule="r", Targets=[TARGET | target])
    assert code == "NotImplementedException"


async def test_a_rule_has_five_targets_at_most(world: World) -> None:
    await world.call("PutRule", Name="r", EventPattern=PATTERN)
    await world.call("PutTargets", Rule="r", Targets=[{**TARGET, "Id": str(number)} for number in range(5)])
    await world.call("PutTargets", Rule="r", Targets=[{**TARGET, "Id": "0"}])
    assert await world.refused("PutTargets", Rule="r", Targets=[TARGET]) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
    assert await world.refused("DeleteRule", Name="r") == (
        "ValidationException",
        "Rule can't be deleted since it has targets.",
    )


async def test_targets_are_removed_each_for_itself(world: World) -> None:
    await world.rule()
    answer = await world.call("RemoveTargets", Rule="r", Ids=["t", "nobody"])
    assert answer["FailedEntryCount"] == 1
    assert answer["FailedEntries"][0]["TargetId"] == "nobody"
    assert answer["FailedEntries"][0]["ErrorCode"] == "ResourceNotFoundException"
    await world.call("DeleteRule", Name="r")


# --- events


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"Detail": "[]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '"x"'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":"\\ud800"}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":' + "[" * 100_000 + "}"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
async def test_what_is_wrong_with_an_entry_is_told_beside_it(
    world: World, members: dict[str, str], code: str, text: str
) -> None:
    good = {"Source": "app", "DetailType": "t", "Detail": "{}"}
    await world.rule()
    answer = await world.call("PutEvents", Entries=[good | members, good])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": code, "ErrorMessage": text}
    assert answer["Entries"][1].keys() == {"EventId"}
    await world.deliver()
    assert len(await world.taken()) == 1


@pytest.mark.parametrize("name", ["Source", "DetailType", "Detail"])
async def test_an_entry_has_three_members_at_least(world: World, name: str) -> None:
    entry = {"Source": "app", "DetailType": "t", "Detail": "{}"}
    del entry[name]
    answer = await world.call("PutEvents", Entries=[entry])
    assert (
        answer["Entries"][0]["ErrorMessage"] == f"Parameter {name} is not valid. Reason: {name} is a required argument."
    )


async def test_events_that_are_too_large_together_are_refused(world: World) -> None:
    entry = {"Source": "app", "DetailType": "t", "Detail": json.dumps({"a": "x" * 600_000})}
    assert await world.refused("PutEvents", Entries=[entry, entry]) == (
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
    )


async def test_an_unknown_bus_takes_events_as_on_aws(world: World) -> None:
    answer = await world.put(bus="nobody")
    assert answer["FailedEntryCount"] == 0
    assert "EventId" in answer["Entries"][0]
    assert await world.rows("event_deliveries") == 0


@pytest.mark.parametrize(("pattern", "expected"), [('{"a":[1]}', True), ('{"a":[2]}', False)])
async def test_patterns_can_be_tried(world: World, pattern: str, expected: bool) -> None:
    assert await world.call("TestEventPattern", EventPattern=pattern, Event='{"a":1}') == {"Result": expected}
    assert await world.refused("TestEventPattern", EventPattern=pattern, Event="x") == (
        "ValidationException",
        "Parameter Event is not valid.",
    )


# --- other accounts


async def test_another_account_puts_events_where_the_policy_lets_it(world: World) -> None:
    await world.call("CreateEventBus", Name="b")
    await world.rule(bus="b")

    async def put() -> int:
        entry = {"Source": "app", "DetailType": "t", "Detail": "{}", "EventBusName": BUS_ARN}
        await world.call("PutEvents", account=OTHER, Entries=[entry])
        await world.deliver()
        return len(await world.taken())

    assert await put() == 0
    allow = {"EventBusName": "b", "Action": "events:PutEvents", "StatementId": "s"}
    await world.call("PutPermission", Principal="111111111111", **allow)
    assert await put() == 0
    await world.call("PutPermission", Principal=OTHER, **allow)
    assert await put() == 1
    policy = json.loads((await world.call("DescribeEventBus", Name="b"))["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "s",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
            "Action": "events:PutEvents",
            "Resource": BUS_ARN,
        }
    ]
    assert await world.refused("RemovePermission", EventBusName="b", StatementId="x") == (
        "ResourceNotFoundException",
        "Statement with the provided id does not exist.",
    )
    await world.call("RemovePermission", EventBusName="b", StatementId="s")
    assert await put() == 1
    assert await world.refused("RemovePermission", EventBusName="b", StatementId="s") == (
        "ResourceNotFoundException",
        "EventBus does not have a policy.",
    )


async def test_tags_come_and_go(world: World) -> None:
    arn = (await world.call("PutRule", Name="r", EventPattern=PATTERN, Tags=[{"Key": "a", "Value": "1"}]))["RuleArn"]
    await world.call("TagResource", ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    await world.call("UntagResource", ResourceARN=arn, TagKeys=["a", "x"])
    assert await world.call("ListTagsForResource", ResourceARN=arn) == {"Tags": [{"Key": "b", "Value": "2"}]}
    await world.call("DeleteRule", Name="r")
    assert await world.rows("event_tags") == 0
