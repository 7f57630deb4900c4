from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from unit.services.sqs.world import arn

if TYPE_CHECKING:
    from unit.services.sqs.world import World

MISSING = "The resource that you specified for the {} parameter doesn't exist."


async def dead_letters(world: World, *sources: str, fifo: bool = False) -> None:
    """A dead-letter queue with two messages of each source."""
    end = ".fifo" if fifo else ""
    await world.make(f"dlq{end}")
    policy = json.dumps({"deadLetterTargetArn": arn(f"dlq{end}"), "maxReceiveCount": 1})
    for name in sources:
        url = await world.make(f"{name}{end}", RedrivePolicy=policy)
        for n in range(2):
            more = {"MessageGroupId": "g", "MessageDeduplicationId": str(n)} if fifo else {}
            await world.send(url, f"{name}-{n}", **more)
        for _ in range(3):
            await world.receive(url, VisibilityTimeout=0)


async def run(world: World) -> None:
    while (pause_s := await world.mover.run_once()) is not None:
        await world.clock.advance(pause_s)


async def tasks(world: World, **params: Any) -> list[dict[str, Any]]:
    answer = await world.call("ListMessageMoveTasks", SourceArn=arn("dlq"), **params)
    found: list[dict[str, Any]] = answer["Results"]
    return found


# --- refusals


async def test_a_queue_that_is_nobodys_dead_letter_queue_is_no_source(world: World) -> None:
    await world.make()
    refused = await world.refused("StartMessageMoveTask", SourceArn=arn("q"))
    assert refused[1] == "Source queue must be configured as a Dead Letter Queue."


async def test_queues_that_are_not_there_are_not_found(world: World) -> None:
    await dead_letters(world, "q")
    code = "ResourceNotFoundException"
    assert await world.refused("StartMessageMoveTask", SourceArn=arn("x")) == (code, MISSING.format("SourceArn"))
    refused = await world.refused("StartMessageMoveTask", SourceArn=arn("dlq"), DestinationArn=arn("x"))
    assert refused == (code, MISSING.format("DestinationArn"))


async def test_a_queue_has_one_task_at_a_time(world: World) -> None:
    await dead_letters(world, "q")
    await world.call("StartMessageMoveTask", SourceArn=arn("dlq"))
    refused = await world.refused("StartMessageMoveTask", SourceArn=arn("dlq"))
    assert refused[1] == (
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
    )


@pytest.mark.parametrize(
    ("handle", "text"),
    [
        ("garbage", "Value for parameter TaskHandle is invalid."),
        (json.dumps({"taskId": "x", "sourceArn": arn("x")}), MISSING.format("SourceArn")),
        (json.dumps({"taskId": "x", "sourceArn": arn("dlq")}), "Task does not exist."),
    ],
)
async def test_a_task_that_is_none_cannot_be_cancelled(world: World, handle: str, text: str) -> None:
    await dead_letters(world, "q")
    handle = handle if handle == "garbage" else base64.b64encode(handle.encode()).decode()
    assert (await world.refused("CancelMessageMoveTask", TaskHandle=handle))[1] == text


async def test_a_destination_that_goes_away_fails_the_task(world: World) -> None:
    await dead_letters(world, "q")
    await world.make("to")
    await world.call("StartMessageMoveTask", SourceArn=arn("dlq"), DestinationArn=arn("to"))
    await world.call("DeleteQueue", QueueUrl="to")
    await run(world)
    (task,) = await tasks(world)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "AWS.SimpleQueueService.NonExistentQueue")
    assert await world.counts("dlq") == (2, 0, 0)


async def test_messages_that_came_from_nowhere_have_no_way_back(world: World) -> None:
    await dead_letters(world, "q")
    await world.clock.advance(1)
    await world.send("dlq", "direct")
    await world.call("StartMessageMoveTask", SourceArn=arn("dlq"))
    await run(world)
    (task,) = await tasks(world)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert task["ApproximateNumberOfMessagesMoved"] == 2


# --- what works


async def test_messages_go_back_to_where_each_came_from_as_new_ones(world: World) -> None:
    await dead_letters(world, "a", "b")
    started = await world.call("StartMessageMoveTask", SourceArn=arn("dlq"))
    (task,) = await tasks(world)
    assert task["TaskHandle"] == started["TaskHandle"]
    await run(world)
    (task,) = await tasks(world)
    assert task == {
        "Status": "COMPLETED",
        "SourceArn": arn("dlq"),
        "ApproximateNumberOfMessagesMoved": 4,
        "ApproximateNumberOfMessagesToMove": 4,
        "StartedTimestamp": task["StartedTimestamp"],
    }
    for name in ("a", "b"):
        taken = await world.receive(name)
        assert sorted(one["Body"] for one in taken) == [f"{name}-0", f"{name}-1"]
        assert {one["Attributes"]["ApproximateReceiveCount"] for one in taken} == {"1"}
        assert all("DeadLetterQueueSourceArn" not in one["Attributes"] for one in taken)


async def test_a_task_keeps_to_its_rate_and_can_be_cancelled(world: World) -> None:
    await dead_letters(world, "q")
    await world.make("to")
    started = await world.call(
        "StartMessageMoveTask", SourceArn=arn("dlq"), DestinationArn=arn("to"), MaxNumberOfMessagesPerSecond=1
    )
    for _ in range(3):
        assert await world.mover.run_once() == 1
    assert await world.call("CancelMessageMoveTask", TaskHandle=started["TaskHandle"]) == {
        "ApproximateNumberOfMessagesMoved": 1
    }
    await world.clock.advance(1)
    assert await world.mover.run_once() is None
    (task,) = await tasks(world, MaxResults=10)
    assert task["Status"] == "CANCELLED"
    assert await world.bodies("to") == ["q-0"]


async def test_groups_stay_in_order_on_their_way_back(world: World) -> None:
    await dead_letters(world, "q", fifo=True)
    await world.call("StartMessageMoveTask", SourceArn=arn("dlq.fifo"))
    await run(world)
    assert await world.bodies("q.fifo") == ["q-0", "q-1"]
    assert await world.rows("sqs_groups") == 1
