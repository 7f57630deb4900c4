"""Provisioned concurrency: environments that are there before the first call, and stay."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import Server, create, refused, settle
from system.lambda_.answers import NESTED, A, error, nested, ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
MISSING = "ProvisionedConcurrencyConfigNotFoundException"
ABOVE_RESERVED = (
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
)
ALREADY = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for 120 calls at once, of which functions may have twenty for themselves."""
    folder: Path = tmp_path_factory.mktemp("server")
    running = Server(folder / "data", "--concurrency", "120")
    yield running
    running.close()


@pytest.fixture
def function(client: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """A function of a test's own, with versions 1 and 2, and aliases `one` and `two` of them."""
    name = request.node.originalname.removeprefix("test_")[:60]
    create(client, name, NESTED, Timeout=30, Publish=True)
    client.update_function_configuration(FunctionName=name, Description="second")
    settle(client, name)
    client.publish_version(FunctionName=name)
    for alias, version in (("one", "1"), ("two", "2")):
        client.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
    yield name
    client.delete_function(FunctionName=name)


def put(client: Any, name: str, qualifier: str, count: int = 1) -> dict[str, Any]:
    answer: dict[str, Any] = client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=count
    )
    return answer


def put_refused(client: Any, name: str, qualifier: str, count: int = 1) -> tuple[int, str, str]:
    return error(
        refused(
            client.put_provisioned_concurrency_config,
            FunctionName=name,
            Qualifier=qualifier,
            ProvisionedConcurrentExecutions=count,
        )
    )


# --- what is refused


def test_the_latest_cannot_be_provisioned(function: str, client: Any) -> None:
    message = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    assert put_refused(client, function, "$LATEST") == (400, "InvalidParameterValueException", message)
    for call in (client.get_provisioned_concurrency_config, client.delete_provisioned_concurrency_config):
        answer = refused(call, FunctionName=function, Qualifier="$LATEST")
        message = "The function resource provided must be an alias or a published version."
        assert error(answer) == (400, "InvalidParameterValueException", message)


def test_what_does_not_exist_cannot_be_provisioned(function: str, server: Server, client: Any) -> None:
    def answers(name: str, qualifier: str) -> set[tuple[int, str, str]]:
        named = {"FunctionName": name, "Qualifier": qualifier}
        return {
            put_refused(client, name, qualifier),
            error(refused(client.get_provisioned_concurrency_config, **named)),
            error(refused(client.delete_provisioned_concurrency_config, **named)),
        }

    for name in (function, "doesnotexist"):
        assert answers(name, "noalias") == {
            (404, "ResourceNotFoundException", f"Cannot find alias arn: {A}{name}:noalias")
        }
        assert answers(name, "10") == {(404, "ResourceNotFoundException", f"Function not found: {A}{name}:10")}
    answer = refused(client.list_provisioned_concurrency_configs, FunctionName="doesnotexist")
    assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}doesnotexist")
    assert put_refused(server.client(checks=False), function, "1", 0)[2].endswith(
        "Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )


def test_what_is_not_provisioned_says_so(function: str, client: Any) -> None:
    for qualifier in ("1", "one"):
        answer = refused(client.get_provisioned_concurrency_config, FunctionName=function, Qualifier=qualifier)
        assert error(answer) == (404, MISSING, "No Provisioned Concurrency Config found for this function")
        answer = client.delete_provisioned_concurrency_config(FunctionName=function, Qualifier=qualifier)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    found = client.list_provisioned_concurrency_configs(FunctionName=function)
    assert found["ProvisionedConcurrencyConfigs"] == []


def test_a_version_is_provisioned_by_itself_or_by_an_alias(function: str, client: Any) -> None:
    put(client, function, "1")
    assert put_refused(client, function, "one") == (409, "ResourceConflictException", ALREADY)
    client.delete_provisioned_concurrency_config(FunctionName=function, Qualifier="1")
    put(client, function, "one")
    message = "Version is pointed by a Provisioned Concurrency alias"
    assert put_refused(client, function, "1") == (409, "ResourceConflictException", message)
    put(client, function, "2")
    answer = refused(client.update_alias, FunctionName=function, Name="one", FunctionVersion="2")
    assert error(answer) == (409, "ResourceConflictException", ALREADY)

    client.delete_alias(FunctionName=function, Name="one")
    answer = refused(client.get_provisioned_concurrency_config, FunctionName=function, Qualifier="one")
    assert error(answer)[2] == f"Cannot find alias arn: {A}{function}:one"
    configs = client.list_provisioned_concurrency_configs(FunctionName=function)["ProvisionedConcurrencyConfigs"]
    assert [one["FunctionArn"] for one in configs] == [f"{A}{function}:2"]


def test_an_alias_with_weights_cannot_be_provisioned(function: str, client: Any) -> None:
    routing = {"AdditionalVersionWeights": {"2": 0.5}}
    client.update_alias(FunctionName=function, Name="one", RoutingConfig=routing)
    message = "Alias with weights can not be used with Provisioned Concurrency"
    assert put_refused(client, function, "one") == (400, "InvalidParameterValueException", message)


def test_no_more_can_be_provisioned_than_the_account_has_left(function: str, client: Any) -> None:
    message = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [120]."
    assert put_refused(client, function, "1", 121) == (400, "InvalidParameterValueException", message)
    message = (
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
        "minimum value of [100]."
    )
    assert put_refused(client, function, "1", 21) == (400, "InvalidParameterValueException", message)
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 120


def test_what_is_reserved_and_what_is_provisioned_bound_each_other(function: str, client: Any) -> None:
    put(client, function, "1", 2)
    answer = refused(client.put_function_concurrency, FunctionName=function, ReservedConcurrentExecutions=1)
    message = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    assert error(answer) == (400, "InvalidParameterValueException", message)
    assert "Type" not in answer
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=2)
    assert put_refused(client, function, "1", 3) == (400, "InvalidParameterValueException", ABOVE_RESERVED)
    assert put_refused(client, function, "2", 1) == (400, "InvalidParameterValueException", ABOVE_RESERVED)


# --- environments


def test_environments_are_there_before_the_first_call(function: str, client: Any) -> None:
    answer = put(client, function, "1", 3)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert {key: answer[key] for key in answer if key.endswith(("Executions", "Status"))} == {
        "RequestedProvisionedConcurrentExecutions": 3,
        "AllocatedProvisionedConcurrentExecutions": 0,
        "AvailableProvisionedConcurrentExecutions": 0,
        "Status": "IN_PROGRESS",
    }
    found = ready(client, function, "1")
    assert {key: found[key] for key in found if key.endswith(("Executions", "Status"))} == {
        "RequestedProvisionedConcurrentExecutions": 3,
        "AllocatedProvisionedConcurrentExecutions": 3,
        "AvailableProvisionedConcurrentExecutions": 3,
        "Status": "READY",
    }
    assert found["LastModified"] == answer["LastModified"]
    assert nested(client, 4, f"{function}:1") == ["1 provisioned-concurrency"] * 3 + ["1 on-demand"]
    assert nested(client, 1, function) == ["$LATEST on-demand"]
    assert nested(client, 1, f"{function}:2") == ["2 on-demand"]


def test_fewer_environments_stay_where_fewer_are_asked_for(function: str, client: Any) -> None:
    put(client, function, "1", 3)
    ready(client, function, "1")
    put(client, function, "1", 1)
    found = ready(client, function, "1")
    assert found["AllocatedProvisionedConcurrentExecutions"] == 1
    kinds = nested(client, 3, f"{function}:1")
    assert kinds[0] == "1 provisioned-concurrency"
    assert kinds[2] == "1 on-demand"
    client.delete_provisioned_concurrency_config(FunctionName=function, Qualifier="1")
    assert nested(client, 1, f"{function}:1") == ["1 on-demand"]


def test_where_all_that_is_reserved_is_provisioned_only_that_version_runs(function: str, client: Any) -> None:
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    assert nested(client, 1, function) == ["$LATEST on-demand"]
    put(client, function, "1")
    assert nested(client, 1, function) == [RESERVED]
    ready(client, function, "1")
    assert nested(client, 2, f"{function}:1") == ["1 provisioned-concurrency", RESERVED]
    assert nested(client, 1, f"{function}:2") == [RESERVED]


def test_what_is_provisioned_moves_with_its_alias(function: str, client: Any) -> None:
    put(client, function, "one", 2)
    ready(client, function, "one")
    assert nested(client, 2, f"{function}:one") == ["1 provisioned-concurrency"] * 2
    client.update_alias(FunctionName=function, Name="one", FunctionVersion="2")
    found = ready(client, function, "one")
    assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert nested(client, 3, f"{function}:one") == ["2 provisioned-concurrency"] * 2 + ["2 on-demand"]
    assert nested(client, 1, f"{function}:1") == ["1 on-demand"]

    routing = {"AdditionalVersionWeights": {"1": 0.5}}
    client.update_alias(FunctionName=function, Name="one", RoutingConfig=routing)
    ready(client, function, "one")
    for version in ("1", "2"):
        assert nested(client, 1, f"{function}:{version}") == [f"{version} provisioned-concurrency"]


def test_configurations_come_by_qualifier_page_by_page(function: str, client: Any) -> None:
    put(client, function, "one")
    put(client, function, "2")
    pages = client.get_paginator("list_provisioned_concurrency_configs").paginate(
        FunctionName=function, PaginationConfig={"PageSize": 1}
    )
    found = [[one["FunctionArn"] for one in page["ProvisionedConcurrencyConfigs"]] for page in pages]
    assert found == [[f"{A}{function}:2"], [f"{A}{function}:one"]]


# --- what goes wrong


def test_a_function_that_cannot_be_initialised_fails_and_claims_nothing(client: Any) -> None:
    create(client, "broken", "raise RuntimeError('no')\n", Publish=True)
    put(client, "broken", "1", 2)
    found = ready(client, "broken", "1")
    assert (found["Status"], found["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert found["AllocatedProvisionedConcurrentExecutions"] == 0
    # The claim is given back a moment after the state says that it failed.
    while client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] != 120:
        pass
    client.delete_function(FunctionName="broken")


TOLD_APART = """
import ctypes, os, time, uuid
OWN = uuid.uuid4().hex
ctypes.CDLL(None).prctl(15, b"to-be-killed")

def handler(event, context):
    if event == "exit":
        os._exit(3)
    if event == "late":
        while True:
            time.sleep(1)
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], OWN]
"""
"""A function whose environments can be told apart, and found among the machine's processes."""


def environment(client: Any, name: str, **params: Any) -> tuple[str, str]:
    """The kind of environment that served a call, and which one it was."""
    kind, own = json.loads(client.invoke(FunctionName=name, **params)["Payload"].read())
    return kind, own


@pytest.mark.parametrize("end", ["exit", "late"])
def test_an_environment_that_dies_in_a_call_is_replaced(client: Any, end: str) -> None:
    name = f"dies-{end}"
    create(client, name, TOLD_APART, Publish=True, Timeout=1)
    put(client, name, "1")
    ready(client, name, "1")
    before = environment(client, name, Qualifier="1")
    assert client.invoke(FunctionName=name, Qualifier="1", Payload=json.dumps(end))["FunctionError"] == "Unhandled"
    assert ready(client, name, "1")["Status"] == "READY"
    after = environment(client, name, Qualifier="1")
    assert (before[0], after[0]) == ("provisioned-concurrency", "provisioned-concurrency")
    assert before[1] != after[1]
    client.delete_function(FunctionName=name)


def test_an_environment_that_dies_while_nobody_calls_is_replaced(client: Any) -> None:
    create(client, "idle", TOLD_APART, Publish=True)
    put(client, "idle", "1")
    ready(client, "idle", "1")
    before = environment(client, "idle", Qualifier="1")
    (victim,) = to_be_killed()
    os.kill(victim, signal.SIGKILL)
    while to_be_killed() in ([victim], []):
        pass
    ready(client, "idle", "1")
    after = environment(client, "idle", Qualifier="1")
    assert (after[0], after[1] != before[1]) == ("provisioned-concurrency", True)
    client.delete_function(FunctionName="idle")


def to_be_killed() -> list[int]:
    """The processes that told apart functions run in."""
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if comm.read_text() == "to-be-killed\n":
                found.append(int(comm.parent.name))
    return found


def test_a_version_that_is_deleted_gives_everything_back(client: Any) -> None:
    create(client, "dropped", NESTED, Publish=True)
    put(client, "dropped", "1", 5)
    ready(client, "dropped", "1")
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 115
    client.delete_function(FunctionName="dropped", Qualifier="1")
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 120
    configs = client.list_provisioned_concurrency_configs(FunctionName="dropped")
    assert configs["ProvisionedConcurrencyConfigs"] == []
    client.delete_function(FunctionName="dropped")


def test_what_is_provisioned_is_there_again_after_a_restart(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "f", NESTED, Publish=True, Timeout=30)
    put(server.client(), "f", "1", 2)
    create(server.client(), "broken", "raise RuntimeError('no')\n", Publish=True)
    put(server.client(), "broken", "1")
    ready(server.client(), "broken", "1")
    server.kill()
    server.restart()
    client = server.client()
    found = ready(client, "f", "1")
    assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert nested(client, 3, "f:1") == ["1 provisioned-concurrency"] * 2 + ["1 on-demand"]
    assert ready(client, "broken", "1")["Status"] == "FAILED"
    assert server.stop() == 0


def test_idle_environments_end_and_provisioned_ones_stay(start: Callable[..., Server]) -> None:
    client = start("--idle-timeout-s", "0.0001").client()
    create(client, "f", TOLD_APART, Publish=True)
    put(client, "f", "1")
    ready(client, "f", "1")
    kept, let_go = environment(client, "f", Qualifier="1"), environment(client, "f")
    while environment(client, "f") == let_go:
        pass
    assert environment(client, "f", Qualifier="1") == kept
