from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambent.delivery import Message, Undeliverable
from unit.services.events.world import ACCOUNT, DEAD, QUEUE, REGION

if TYPE_CHECKING:
    from unit.services.events.world import World

GONE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:gone"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"


def bus_arn(name: str) -> str:
    return f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{name}"


async def test_a_target_that_is_gone_sends_the_event_to_the_dead_letters_at_once(world: World) -> None:
    await world.rule(Arn=GONE, DeadLetterConfig={"Arn": DEAD})
    await world.put({"n": 1})
    await world.deliver()
    (letter,) = await world.taken(DEAD)
    assert json.loads(letter.body)["detail"] == {"n": 1}
    assert {name: attribute.value for name, attribute in letter.attributes.items()} == {
        "RULE_ARN": RULE,
        "TARGET_ARN": GONE,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "RETRY_ATTEMPTS": "0",
    }
    assert await world.rows("event_deliveries") == 0


async def test_an_event_without_a_place_for_dead_letters_ends(world: World) -> None:
    await world.rule(Arn=GONE)
    await world.rule("other", Arn=GONE, DeadLetterConfig={"Arn": GONE})
    await world.put()
    await world.deliver()
    assert await world.rows("event_deliveries") == 0


async def test_a_target_that_fails_is_tried_again_and_holds_up_nobody(world: World) -> None:
    world.queues.there.add(GONE)
    world.queues.broken.add(GONE)
    await world.rule("a", Arn=GONE)
    await world.rule("b")
    await world.put()
    assert await world.courier.run_once() == pytest.approx(1)
    assert len(await world.taken()) == 1
    await world.clock.advance(1)
    assert await world.courier.run_once() == pytest.approx(2)
    world.queues.broken.clear()
    await world.clock.advance(2)
    assert await world.courier.run_once() is None
    assert len(await world.taken(GONE)) == 1
    assert len(await world.taken()) == 1


@pytest.mark.parametrize(
    ("policy", "condition", "retries"),
    [
        ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2"),
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", "0"),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", "6"),
    ],
)
async def test_retries_end_where_the_policy_says(
    world: World, policy: dict[str, int], condition: str, retries: str
) -> None:
    world.queues.broken.add(QUEUE)
    await world.rule(RetryPolicy=policy, DeadLetterConfig={"Arn": DEAD})
    await world.put()
    while (pause_s := await world.courier.run_once()) is not None:
        await world.clock.advance(pause_s)
    (letter,) = await world.taken(DEAD)
    assert letter.attributes["EXHAUSTED_RETRY_CONDITION"].value == condition
    assert letter.attributes["RETRY_ATTEMPTS"].value == retries
    assert await world.taken() == []


async def test_an_event_comes_as_on_aws(world: World) -> None:
    await world.rule(SqsParameters={"MessageGroupId": "g"})
    answer = await world.put({"b": 1, "a": 300.0, "big": 12345678901234567890123}, Resources=["x"])
    assert answer["FailedEntryCount"] == 0
    await world.deliver()
    (message,) = await world.taken()
    assert message.body == (
        f'{{"version":"0","id":"{answer["Entries"][0]["EventId"]}","detail-type":"Made","source":"app",'
        f'"account":"{ACCOUNT}","time":"2026-01-01T00:00:00Z","region":"{REGION}","resources":["x"],'
        '"detail":{"b":1,"a":300.0,"big":12345678901234567890123}}'
    )
    assert (message.group_id, message.source_service, message.source_arn) == ("g", "events.amazonaws.com", RULE)


async def test_every_rule_and_every_target_gets_it(world: World) -> None:
    await world.rule("a")
    await world.rule("b")
    await world.call("PutTargets", Rule="b", Targets=[{"Id": "second", "Arn": QUEUE}])
    await world.rule("other", pattern='{"source":["else"]}')
    await world.rule("off")
    await world.call("DisableRule", Name="off")
    await world.put()
    await world.deliver()
    assert len({event["id"] for event in await world.bodies()}) == 1
    assert len(await world.taken()) == 3


async def test_changes_of_rules_hold_from_the_next_event(world: World) -> None:
    await world.rule()
    await world.put({"n": 1})
    await world.rule(pattern='{"source":["else"]}')
    await world.put({"n": 2})
    await world.rule(pattern='{"source":["app"]}')
    await world.call("RemoveTargets", Rule="r", Ids=["t"])
    await world.put({"n": 3})
    await world.rule(Input="4")
    await world.put()
    await world.deliver()
    assert [body["detail"]["n"] if isinstance(body, dict) else body for body in await world.bodies()] == [1, 4]


async def test_a_bus_hands_on_to_a_bus(world: World) -> None:
    await world.call("CreateEventBus", Name="next")
    await world.rule(Arn=bus_arn("next"))
    await world.rule("there", bus="next")
    await world.put({"n": 1})
    await world.deliver()
    (event,) = await world.bodies()
    assert event["detail"] == {"n": 1}
    (message,) = await world.taken()
    assert message.source_arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/next/there"


async def test_a_bus_of_another_account_asks_its_policy(world: World) -> None:
    other = "999999999999"
    theirs = f"arn:aws:events:{REGION}:{other}:event-bus/default"
    await world.call("PutRule", account=other, Name="r", EventPattern='{"source":["app"]}')
    await world.call("PutTargets", account=other, Rule="r", Targets=[{"Id": "t", "Arn": QUEUE}])
    await world.rule(Arn=theirs, DeadLetterConfig={"Arn": DEAD})
    await world.put()
    await world.deliver()
    (letter,) = await world.taken(DEAD)
    assert letter.attributes["ERROR_CODE"].value == "NO_PERMISSIONS"
    allow = {"Action": "events:PutEvents", "StatementId": "s", "Principal": ACCOUNT}
    await world.call("PutPermission", account=other, **allow)
    await world.put()
    await world.deliver()
    assert len(await world.taken()) == 1


async def test_a_circle_of_buses_ends(world: World) -> None:
    await world.rule("circle", Arn=bus_arn("default"), DeadLetterConfig={"Arn": DEAD})
    await world.rule()
    await world.put()
    await world.deliver()
    assert len(await world.taken()) == 11
    assert len(await world.taken(DEAD)) == 1


async def test_a_bus_that_is_gone_is_no_target(world: World) -> None:
    await world.rule(Arn=bus_arn("gone"), DeadLetterConfig={"Arn": DEAD})
    await world.put()
    await world.deliver()
    (letter,) = await world.taken(DEAD)
    assert letter.attributes["ERROR_MESSAGE"].value == "Event bus gone does not exist."


# --- buses as targets of other services


@pytest.mark.parametrize("body", ["x", "[]", "{}", '{"Source":"s","DetailType":"t","Detail":[]}', '{"Detail":{}}'])
async def test_what_is_no_entry_is_not_taken_by_a_bus(world: World, body: str) -> None:
    with pytest.raises(Undeliverable):
        await world.store.write(lambda tx: world.buses.deliver(tx, bus_arn("default"), Message(body)))


@pytest.mark.parametrize("arn", [bus_arn("gone"), RULE])
async def test_what_is_no_bus_takes_nothing(world: World, arn: str) -> None:
    body = json.dumps({"Source": "lambda", "DetailType": "t", "Detail": {}})
    with pytest.raises(Undeliverable):
        await world.store.write(lambda tx: world.buses.deliver(tx, arn, Message(body)))


@pytest.mark.parametrize("detail", [{"a": 1}, '{"a": 1}'])
async def test_other_services_put_events_on_buses(world: World, detail: Any) -> None:
    await world.rule(pattern='{"source":["lambda"]}')
    body = json.dumps({"Source": "lambda", "DetailType": "t", "Detail": detail, "Resources": ["f"]})
    await world.store.write(lambda tx: world.buses.deliver(tx, bus_arn("default"), Message(body)))
    await world.deliver()
    (event,) = await world.bodies()
    assert (event["source"], event["detail-type"], event["resources"], event["detail"]) == (
        "lambda",
        "t",
        ["f"],
        {"a": 1},
    )
