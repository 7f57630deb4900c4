from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambent.clock import RealClock
from system.harness import create, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server

CLOCK = RealClock()
CODE = """
import logging
logging.getLogger().setLevel("INFO")

def handler(event, context):
    print("got", event)
    logging.warning("careful")
    return context.log_stream_name
"""


@pytest.fixture
def logs(server: Server) -> Any:
    return server.client("logs")


def now_ms() -> int:
    return int(CLOCK.time() * 1000)


def live(server: Server) -> Any:
    """A client that does not put `stream-` before the host."""
    return boto3.client(
        "logs",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
        config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, read_timeout=60),
    )


def messages(logs: Any, group: str, **params: Any) -> list[str]:
    """All texts, by the paginator."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **params)
    return [event["message"] for page in pages for event in page["events"]]


def written(server: Server, group: str, start: str) -> None:
    """Wait until a function's line is in the store."""
    server.logs_until(group, start)


# --- refusals


def test_a_group_that_is_not_there_is_not_found(logs: Any) -> None:
    answer = refused(logs.describe_log_streams, logGroupName="nobody")
    assert answer["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": "The specified log group does not exist.",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName="nobody")


def test_what_is_not_built_is_refused_by_name(logs: Any) -> None:
    logs.create_log_group(logGroupName="refusing")
    answer = refused(
        logs.put_subscription_filter,
        logGroupName="refusing",
        filterName="f",
        filterPattern="",
        destinationArn="arn:aws:lambda:us-east-1:000000000000:function:f",
    )
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert "PutSubscriptionFilter" in answer["Error"]["Message"]


def test_a_name_with_strange_characters_is_refused_in_the_words_of_the_model(server: Server) -> None:
    logs = server.client("logs", checks=False)
    answer = refused(logs.create_log_group, logGroupName="a b")
    assert answer["Error"]["Code"] == "InvalidParameterException"
    assert answer["Error"]["Message"].startswith("1 validation error detected: Value 'a b' at 'logGroupName' failed")


# --- functions


def test_what_a_function_logs_is_found_by_every_way_of_reading(server: Server, client: Any, logs: Any) -> None:
    create(client, "logger", CODE)
    answer = client.invoke(FunctionName="logger", Payload=b'{"n": 1}')
    stream = answer["Payload"].read().decode().strip('"')
    group = "/aws/lambda/logger"
    written(server, group, "REPORT")

    (shown,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert shown["arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    assert shown["storedBytes"] > 100
    (latest,) = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert latest["logStreamName"] == stream
    assert latest["firstEventTimestamp"] <= latest["lastEventTimestamp"] <= now_ms()

    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    starts = [event["message"].split()[0] for event in events]
    assert starts[0] in {"INIT_START", "START"}
    assert starts[-1] == "REPORT"
    assert any(event["message"] == "got {'n': 1}\n" for event in events)
    assert [text.split()[0] for text in messages(logs, group, filterPattern="WARNING careful")] == ["[WARNING]"]
    assert messages(logs, group, filterPattern="[kind=REPORT, ...]")[0].startswith("REPORT RequestId")


def test_a_function_whose_group_was_deleted_makes_it_anew(server: Server, client: Any, logs: Any) -> None:
    create(client, "again", CODE)
    client.invoke(FunctionName="again", Payload=b'"first"')
    group = "/aws/lambda/again"
    written(server, group, "REPORT")
    logs.delete_log_group(logGroupName=group)
    client.invoke(FunctionName="again", Payload=b'"second"')
    written(server, group, "REPORT")
    texts = messages(logs, group)
    assert "got second\n" in texts
    assert "got first\n" not in texts


# --- clients


def test_a_batch_is_kept_over_a_kill(start: Callable[..., Server]) -> None:
    server = start()
    logs = server.client("logs")
    logs.create_log_group(logGroupName="g", tags={"a": "b"})
    logs.put_retention_policy(logGroupName="g", retentionInDays=3)
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    at_ms = now_ms()
    text = 'ünïcödé \N{GRINNING FACE} "quoted" \\ \t\n'
    answer = logs.put_log_events(
        logGroupName="g",
        logStreamName="s",
        logEvents=[{"timestamp": at_ms - 10**10, "message": "too old"}, {"timestamp": at_ms, "message": text}],
    )
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 1}
    server.kill()
    server.restart()

    logs = server.client("logs")
    (event,) = logs.filter_log_events(logGroupName="g")["events"]
    assert (event["timestamp"], event["message"]) == (at_ms, text)
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 3
    assert logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"] == {"a": "b"}


def test_the_largest_batch_is_taken(logs: Any) -> None:
    logs.create_log_group(logGroupName="large")
    logs.create_log_stream(logGroupName="large", logStreamName="s")
    at_ms = now_ms()
    events = [{"timestamp": at_ms + number // 100, "message": "\x01" * 78} for number in range(10_000)]
    logs.put_log_events(logGroupName="large", logStreamName="s", logEvents=events)
    assert len(messages(logs, "large")) == 10_000


def test_tail_follow_sees_every_event_once(logs: Any) -> None:
    """The calls of `aws logs tail --follow`: the last millisecond is asked for again, known ids are left out."""
    group = "followed"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    at_ms = now_ms()
    params: dict[str, Any] = {"logGroupName": group, "interleaved": True, "startTime": at_ms}
    seen: list[str] = []
    known: set[str] = set()
    for number in range(6):
        logs.put_log_events(
            logGroupName=group,
            logStreamName="s",
            logEvents=[{"timestamp": at_ms + number // 2, "message": str(number)}],
        )
        for page in logs.get_paginator("filter_log_events").paginate(**params):
            for event in page["events"]:
                if event["eventId"] not in known:
                    known.add(event["eventId"])
                    seen.append(event["message"])
                params["startTime"] = max(params["startTime"], event["timestamp"])
    assert seen == list("012345")


def test_live_tail_tells_what_is_written(server: Server, logs: Any) -> None:
    logs.create_log_group(logGroupName="live")
    logs.create_log_stream(logGroupName="live", logStreamName="s")
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:live"
    answer = live(server).start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="wanted")
    with contextlib.closing(answer["responseStream"]) as stream:
        events = iter(stream)
        assert next(events)["sessionStart"]["logGroupIdentifiers"] == [arn]
        lines = [{"timestamp": now_ms(), "message": text} for text in ("not for us", "wanted")]
        logs.put_log_events(logGroupName="live", logStreamName="s", logEvents=lines)
        update = results_of(events)
    assert [result["message"] for result in update] == ["wanted"]
    assert update[0]["logGroupIdentifier"] == "000000000000:live"


def test_a_server_that_ends_ends_its_live_tails(start: Callable[..., Server]) -> None:
    server = start()
    server.client("logs").create_log_group(logGroupName="g")
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:g"
    stream = live(server).start_live_tail(logGroupIdentifiers=[arn])["responseStream"]
    events = iter(stream)
    next(events)
    rest: list[Any] = []
    reader = threading.Thread(target=lambda: rest.extend(events))
    reader.start()
    began = CLOCK.monotonic()
    assert server.stop() == 0
    reader.join(20)
    assert not reader.is_alive()
    assert CLOCK.monotonic() - began < 15


def test_live_tail_of_a_group_that_is_not_there_is_refused(server: Server) -> None:
    with pytest.raises(ClientError) as refusal:
        live(server).start_live_tail(logGroupIdentifiers=["arn:aws:logs:us-east-1:000000000000:log-group:nobody"])
    assert refusal.value.response["Error"]["Code"] == "ResourceNotFoundException"


def results_of(events: Iterator[Any]) -> list[dict[str, Any]]:
    """The results of the first update that has any."""
    for event in events:
        if found := event["sessionUpdate"]["sessionResults"]:
            return list(found)
    raise AssertionError("the session ended")
