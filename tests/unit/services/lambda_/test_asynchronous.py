"""Asynchronous calls as operations take them, what is set for them, and functions as targets of other services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambent.delivery import Message, Undeliverable
from lambent.errors import AwsError
from lambent.invoke import event as events
from lambent.invoke.event import Attempt, Event
from lambent.invoke.lineage import mark
from lambent.invoke.retry import Result
from lambent.services.lambda_.asynchronous import FunctionTarget
from lambent.services.lambda_.event_policies import EventPolicies
from unit.services.lambda_.world import KEY, RECORD, zipped

if TYPE_CHECKING:
    from lambent.invoke.outcome import EventPolicy
    from unit.services.lambda_.world import World

FUNCTION = KEY.arn()
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:t"
FAILED = Attempt(Result.FAILED, 200, "$LATEST", "{}", "no")
GONE = Attempt(Result.GONE, 404)


async def kept(world: World, arn: str = FUNCTION) -> list[Event]:
    """A function's events, taken out of the queue."""
    claim = await world.store.write(lambda tx: events.claim(tx, arn, 10, owner="t", now_ms=2**53, lease_end_ms=2**53))
    return claim.events


async def policy(world: World, attempt: Attempt, qualifier: str = "", request: str = "request") -> EventPolicy:
    event = Event(request, FUNCTION, qualifier, "{}", 0, 0)
    return await world.store.write(lambda tx: EventPolicies((1.0,)).policy(tx, event, attempt))


@pytest.fixture(autouse=True)
def paused(world: World) -> None:
    world.events.pause()


# --- calls of the API


async def test_an_event_for_nobody_is_refused_and_not_kept(world: World) -> None:
    for operation, params in (("Invoke", {"InvocationType": "Event"}), ("InvokeAsync", {"InvokeArgs": b"{}"})):
        with pytest.raises(AwsError) as refusal:
            await world.call(operation, FunctionName="f", **params)
        assert refusal.value.code == "ResourceNotFoundException"
    assert await kept(world) == []


async def test_an_event_that_is_no_json_is_refused_and_not_kept(world: World) -> None:
    await world.create()
    with pytest.raises(AwsError) as refusal:
        await world.call("Invoke", FunctionName="f", InvocationType="Event", Payload=b"{")
    assert refusal.value.code == "InvalidRequestContentException"
    assert await kept(world) == []


@pytest.mark.parametrize(
    ("operation", "params", "limit"),
    [("Invoke", {"InvocationType": "Event", "Payload": b""}, 1_048_576), ("InvokeAsync", {"InvokeArgs": b""}, 262_144)],
)
async def test_an_event_over_the_limit_is_refused_with_both_sizes(
    world: World, operation: str, params: dict[str, Any], limit: int
) -> None:
    await world.create()
    name = "Payload" if operation == "Invoke" else "InvokeArgs"
    fits = b'"' + b"x" * (limit - 2) + b'"'
    await world.call(operation, FunctionName="f", **{**params, name: fits})
    with pytest.raises(AwsError) as refusal:
        await world.call(operation, FunctionName="f", **{**params, name: fits + b" "})
    assert (refusal.value.code, refusal.value.status) == ("RequestEntityTooLargeException", 413)
    assert refusal.value.message == (
        f"{limit + 1} byte payload is too large for the Event invocation type (limit {limit} bytes)"
    )
    assert len(await kept(world)) == 1


async def test_a_function_that_is_being_created_takes_no_events(world: World) -> None:
    world.environments.go.clear()
    await world.call(
        "CreateFunction",
        FunctionName="f",
        Runtime="python3.12",
        Handler="m.h",
        Role=RECORD.configuration.role,
        Code={"ZipFile": zipped()},
    )
    with pytest.raises(AwsError, match="Pending") as refusal:
        await world.call("Invoke", FunctionName="f", InvocationType="Event")
    assert refusal.value.code == "ResourceConflictException"
    world.environments.go.set()


async def test_an_accepted_event_is_kept_as_it_was_addressed(world: World) -> None:
    await world.create(Publish=True)
    answer = await world.call("Invoke", FunctionName="f", InvocationType="Event", LogType="Tail", Payload=b" 7 ")
    assert answer == {"StatusCode": 202}
    (event,) = await kept(world)
    assert (event.id, event.qualifier, event.payload, event.source) == ("request", "", " 7 ", "")
    assert event.trace_header is not None

    await world.store.write(lambda tx: events.delete(tx, event, owner="t"))
    assert await world.call("InvokeAsync", FunctionName="f:1", InvokeArgs=b"") == {"Status": 202}
    (event,) = await kept(world)
    assert (event.qualifier, event.payload, event.invoked_arn) == ("1", "{}", f"{FUNCTION}:1")


# --- what is set


async def test_what_nobody_set_is_aws_default(world: World) -> None:
    await world.create()
    found = await policy(world, FAILED)
    assert (found.retry.maximum_retry_attempts, found.retry.maximum_event_age_s) == (2, 21_600)
    assert (found.on_success, found.on_failure, found.dead_letter) == (None, None, None)


async def test_latest_versions_and_aliases_have_settings_of_their_own(world: World) -> None:
    await world.create(Publish=True, DeadLetterConfig={"TargetArn": QUEUE})
    await world.call("CreateAlias", FunctionName="f", Name="blue", FunctionVersion="1")
    for qualifier, attempts in (("$LATEST", 0), ("blue", 1)):
        await world.call(
            "PutFunctionEventInvokeConfig",
            FunctionName="f",
            Qualifier=qualifier,
            MaximumRetryAttempts=attempts,
            DestinationConfig={"OnFailure": {"Destination": TOPIC}},
        )
    await world.call("UpdateFunctionConfiguration", FunctionName="f", DeadLetterConfig={"TargetArn": TOPIC})
    version = Attempt(Result.FAILED, 200, "1", "{}", "no")

    latest, blue, one = (
        await policy(world, FAILED),
        await policy(world, version, "blue"),
        await policy(world, version, "1"),
    )

    assert (latest.retry.maximum_retry_attempts, latest.on_failure, latest.dead_letter) == (0, TOPIC, TOPIC)
    assert (blue.retry.maximum_retry_attempts, blue.on_failure, blue.dead_letter) == (1, TOPIC, QUEUE)
    assert (one.retry.maximum_retry_attempts, one.on_failure, one.dead_letter) == (2, None, QUEUE)
    throttle = await policy(world, Attempt(Result.REFUSED, 429), "blue")
    assert throttle.dead_letter == QUEUE


async def test_events_of_a_deleted_function_end_where_it_said(world: World) -> None:
    await world.create(DeadLetterConfig={"TargetArn": QUEUE})
    await world.call(
        "PutFunctionEventInvokeConfig", FunctionName="f", DestinationConfig={"OnFailure": {"Destination": TOPIC}}
    )
    await world.call("Invoke", FunctionName="f", InvocationType="Event")
    await world.call("DeleteFunction", FunctionName="f")

    for _ in range(2):
        found = await policy(world, GONE, request="another")
        assert (found.on_failure, found.dead_letter) == (TOPIC, QUEUE)
    # With the last event what it said is forgotten.
    await policy(world, GONE)
    assert (await policy(world, GONE)).dead_letter is None


async def test_events_of_a_deleted_alias_end_where_it_said(world: World) -> None:
    await world.create(Publish=True, DeadLetterConfig={"TargetArn": QUEUE})
    await world.call("CreateAlias", FunctionName="f", Name="blue", FunctionVersion="1")
    await world.call("Invoke", FunctionName="f:blue", InvocationType="Event")
    await world.call("DeleteAlias", FunctionName="f", Name="blue")
    assert (await policy(world, GONE, "blue")).dead_letter == QUEUE


async def test_a_function_without_events_leaves_nothing_behind(world: World) -> None:
    await world.create(DeadLetterConfig={"TargetArn": QUEUE})
    await world.call("DeleteFunction", FunctionName="f")
    assert (await policy(world, GONE)).dead_letter is None


async def test_a_new_function_of_the_same_name_has_its_own_settings(world: World) -> None:
    await world.create(DeadLetterConfig={"TargetArn": QUEUE})
    await world.call("Invoke", FunctionName="f", InvocationType="Event")
    await world.call("DeleteFunction", FunctionName="f")
    await world.create()
    assert (await policy(world, FAILED)).dead_letter is None


# --- functions as targets


@pytest.mark.parametrize(
    ("arn", "body", "code"),
    [
        (f"{FUNCTION}-missing", "{}", "ResourceNotFoundException"),
        (f"{FUNCTION}:9", "{}", "ResourceNotFoundException"),
        ("arn:aws:lambda:eu-west-1:111111111111:layer:f", "{}", "ResourceNotFoundException"),
        (FUNCTION, "no json", "InvalidRequestContentException"),
        (FUNCTION, f'"{"x" * 1_048_576}"', "RequestEntityTooLargeException"),
    ],
)
async def test_what_no_function_can_take_is_undeliverable(world: World, arn: str, body: str, code: str) -> None:
    await world.create()
    target = FunctionTarget(world.clock)
    with pytest.raises(Undeliverable) as refusal:
        await world.store.write(lambda tx: target.deliver(tx, arn, Message(body)))
    assert refusal.value.code == code
    assert await kept(world) == []


async def test_a_message_becomes_an_event_of_its_own(world: World) -> None:
    await world.create()
    message = Message('{"Records": []}', trace_header="Root=1", source_service="sns.amazonaws.com")
    with world.store.signals.subscribe(events.TOPIC) as news:
        await world.store.write(lambda tx: FunctionTarget(world.clock).deliver(tx, f"{FUNCTION}:$LATEST", message))
        await news.wait()
    (event,) = await kept(world)
    assert (event.payload, event.source) == ('{"Records": []}', "sns.amazonaws.com")
    assert event.trace_header == f"Root=1;Lineage=1:{mark(FUNCTION)}:0"
    assert (event.qualifier, event.attempts) == ("$LATEST", 0)
