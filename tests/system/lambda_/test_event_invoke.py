"""Configurations of asynchronous calls: what is kept, for what, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import create, refused
from system.lambda_.answers import A, code, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server

NO_FUNCTION = (404, "ResourceNotFoundException", "The function doesn't exist.")
NOTHING = "You must specify at least one of error handling or destination setting."
MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."
UNUSABLE = (
    "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={}), onFailure=null) is invalid."
)
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.fixture(scope="module")
def made(server: Server) -> str:
    """A function with a version 1 and an alias `live`."""
    client = server.client()
    create(client, "f", code("a"), Publish=True)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return "f"


@pytest.fixture
def function(made: str, client: Any) -> Iterator[str]:
    """The same, without any configuration before and after a test."""
    yield made
    for one in client.list_function_event_invoke_configs(FunctionName=made)["FunctionEventInvokeConfigs"]:
        client.delete_function_event_invoke_config(FunctionName=one["FunctionArn"])


def no_config(named: str) -> tuple[int, str, str]:
    return 404, "ResourceNotFoundException", f"The function {A}{named} doesn't have an EventInvokeConfig"


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    """A configuration without the moment of its change, which is looked at."""
    assert isinstance(answer["LastModified"], datetime)
    return {key: value for key, value in answer.items() if key not in {"LastModified", "ResponseMetadata"}}


def config(qualifier: str, **fields: Any) -> dict[str, Any]:
    return {
        "FunctionArn": f"{A}f:{qualifier}",
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
        **fields,
    }


# --- what is refused


@pytest.mark.parametrize("named", ["doesnotexist", f"{A}doesnotexist", "f:doesnotexist", "f:9"])
def test_what_does_not_exist_has_no_configuration(function: str, client: Any, named: str) -> None:
    for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
        assert error(refused(call, FunctionName=named, MaximumRetryAttempts=0)) == NO_FUNCTION


def test_the_functions_that_have_none_are_named(function: str, client: Any) -> None:
    update = client.update_function_event_invoke_config
    for call in (client.get_function_event_invoke_config, client.delete_function_event_invoke_config):
        assert error(refused(call, FunctionName="f")) == no_config("f:$LATEST")
        assert error(refused(call, FunctionName="f", Qualifier="live")) == no_config("f:live")
        assert error(refused(call, FunctionName="f", Qualifier="doesnotexist")) == no_config("f:doesnotexist")
        assert error(refused(call, FunctionName="doesnotexist")) == no_config("doesnotexist:$LATEST")
    assert error(refused(update, FunctionName="f", MaximumRetryAttempts=0)) == no_config("f:$LATEST")
    assert error(refused(update, FunctionName="f:live", MaximumRetryAttempts=0)) == no_config("f:live")
    assert error(refused(client.list_function_event_invoke_configs, FunctionName="doesnotexist")) == NO_FUNCTION


@pytest.mark.parametrize(
    ("named", "qualifier"),
    [("f:live", "1"), (f"{A}f:live", "1"), ("f:$LATEST", "1"), ("f:1", "$LATEST"), ("f:1", "live")],
)
def test_two_qualifiers_must_agree(function: str, client: Any, named: str, qualifier: str) -> None:
    put = client.put_function_event_invoke_config
    answer = refused(put, FunctionName=named, Qualifier=qualifier, MaximumRetryAttempts=0)
    assert error(answer) == (400, "InvalidParameterValueException", MISMATCH)


def test_a_configuration_says_something(function: str, client: Any) -> None:
    for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
        assert error(refused(call, FunctionName="f")) == (400, "InvalidParameterValueException", NOTHING)


@pytest.mark.parametrize(
    ("destination", "message"),
    [
        (f"{A}doesnotexist", f"The destination ARN {A}doesnotexist is invalid."),
        (f"{A}f", "You can't specify the function as a destination for itself."),
        (f"{A}f:live", "You can't specify the function as a destination for itself."),
        (f"{A[:8]}iam{A[14:]}f", UNUSABLE.format(f"{A[:8]}iam{A[14:]}f")),
        ("arn:aws:s3:::bucket", UNUSABLE.format("arn:aws:s3:::bucket")),
        (f"{QUEUE}.fifo", UNUSABLE.format(f"{QUEUE}.fifo")),
    ],
)
def test_a_destination_that_cannot_be_is_refused(function: str, client: Any, destination: str, message: str) -> None:
    for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
        answer = refused(call, FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": destination}})
        assert error(answer) == (400, "InvalidParameterValueException", message)


def test_a_bucket_is_refused_by_name_until_it_is_built(function: str, client: Any) -> None:
    failures = {"OnFailure": {"Destination": "arn:aws:s3:::bucket"}}
    answer = refused(client.put_function_event_invoke_config, FunctionName="f", DestinationConfig=failures)
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert "buckets as destinations" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("params", "at"),
    [
        ({"MaximumRetryAttempts": 3}, "maximumRetryAttempts"),
        ({"MaximumEventAgeInSeconds": 59}, "maximumEventAgeInSeconds"),
        ({"MaximumEventAgeInSeconds": 21601}, "maximumEventAgeInSeconds"),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:_-/!lambda:us-east-1:000000000000:f"}}},
            "destinationConfig.onFailure.destination",
        ),
    ],
)
def test_what_is_out_of_range_is_refused(function: str, server: Server, params: dict[str, Any], at: str) -> None:
    put = server.client(checks=False).put_function_event_invoke_config
    status, name, message = error(refused(put, FunctionName="f", **params))
    assert (status, name) == (400, "ValidationException")
    assert f"at '{at}' failed to satisfy constraint" in message


# --- what is kept


def test_put_replaces_and_update_merges(function: str, client: Any) -> None:
    put, update = client.put_function_event_invoke_config, client.update_function_event_invoke_config
    assert shown(put(FunctionName="f", MaximumRetryAttempts=0)) == config("$LATEST", MaximumRetryAttempts=0)
    aged = config("$LATEST", MaximumEventAgeInSeconds=60)
    assert shown(put(FunctionName="f", MaximumEventAgeInSeconds=60)) == aged
    assert shown(update(FunctionName="f", MaximumEventAgeInSeconds=60)) == aged
    both = {**aged, "MaximumRetryAttempts": 1}
    assert shown(update(FunctionName="f", MaximumRetryAttempts=1)) == both
    assert shown(client.get_function_event_invoke_config(FunctionName="f")) == both
    assert shown(client.get_function_event_invoke_config(FunctionName="f:$LATEST", Qualifier="$LATEST")) == both


def test_destinations_are_kept_and_an_empty_one_clears(function: str, client: Any) -> None:
    put, update = client.put_function_event_invoke_config, client.update_function_event_invoke_config
    create(client, "other", code("a"))
    destinations = {"OnSuccess": {"Destination": f"{A}other"}, "OnFailure": {"Destination": f"{QUEUE}-other"}}
    assert put(FunctionName="f", DestinationConfig=destinations)["DestinationConfig"] == destinations
    answer = update(FunctionName="f", DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    assert answer["DestinationConfig"] == {**destinations, "OnFailure": {"Destination": QUEUE}}
    answer = update(FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": ""}})
    assert answer["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}}
    for outcome in ("OnSuccess", "OnFailure"):
        assert shown(put(FunctionName="f", DestinationConfig={outcome: {}})) == config("$LATEST")


def test_each_qualifier_has_a_configuration_of_its_own(function: str, client: Any) -> None:
    put = client.put_function_event_invoke_config
    for named in ({"FunctionName": "f:live"}, {"FunctionName": f"{A}f:live", "Qualifier": "live"}):
        assert shown(put(**named, MaximumRetryAttempts=1)) == config("live", MaximumRetryAttempts=1)
    put(FunctionName="f", Qualifier="1", MaximumRetryAttempts=2)
    put(FunctionName="f", MaximumEventAgeInSeconds=21600)
    configs = client.list_function_event_invoke_configs(FunctionName="f")["FunctionEventInvokeConfigs"]
    assert [shown(one) for one in configs] == [
        config("$LATEST", MaximumEventAgeInSeconds=21600),
        config("1", MaximumRetryAttempts=2),
        config("live", MaximumRetryAttempts=1),
    ]
    pages = client.get_paginator("list_function_event_invoke_configs").paginate(
        FunctionName="f", PaginationConfig={"PageSize": 2}
    )
    assert [len(page["FunctionEventInvokeConfigs"]) for page in pages] == [2, 1]
    for qualifier in ("$LATEST", "1", "live"):
        answer = client.delete_function_event_invoke_config(FunctionName="f", Qualifier=qualifier)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_function_event_invoke_configs(FunctionName="f")["FunctionEventInvokeConfigs"] == []


def test_what_is_deleted_takes_its_configuration_with_it(function: str, client: Any) -> None:
    client.put_function_event_invoke_config(FunctionName="f:live", MaximumRetryAttempts=1)
    client.delete_alias(FunctionName="f", Name="live")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    assert error(refused(client.get_function_event_invoke_config, FunctionName="f:live")) == no_config("f:live")


def test_a_configuration_survives_the_server(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "f", code("a"))
    put = server.client().put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
    server.kill()
    server.restart()
    found = server.client().get_function_event_invoke_config(FunctionName="f")
    assert (found["LastModified"], found["MaximumRetryAttempts"]) == (put["LastModified"], 1)
    assert found["LastModified"].astimezone(UTC).year >= 2026
