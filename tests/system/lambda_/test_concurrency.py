"""Reserved concurrency: what a function has for itself, and what is left for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from system.harness import Server, create, refused
from system.lambda_.answers import NESTED, NOT_ABOUT_VERSIONS, A, code, error, nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
ON_DEMAND = "$LATEST on-demand"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for 110 calls at once, of which functions may reserve ten."""
    folder: Path = tmp_path_factory.mktemp("server")
    running = Server(folder / "data", "--concurrency", "110")
    yield running
    running.close()


@pytest.fixture
def reserve(client: Any) -> Iterator[Callable[[str, int], Any]]:
    """Reserve concurrency until the end of a test."""
    names = set()

    def put(name: str, count: int) -> Any:
        names.add(name)
        return client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)

    yield put
    for name in names:
        client.delete_function(FunctionName=name)


# --- what is refused


def test_only_a_function_as_a_whole_reserves(client: Any) -> None:
    create(client, "whole", code("a"), Publish=True)
    for qualifier in ("1", "$LATEST"):
        answer = refused(
            client.put_function_concurrency, FunctionName=f"{A}whole:{qualifier}", ReservedConcurrentExecutions=1
        )
        assert error(answer) == (400, "InvalidParameterValueException", NOT_ABOUT_VERSIONS)
        assert answer["Type"] == "User"
    for call in (client.get_function_concurrency, client.delete_function_concurrency):
        assert error(refused(call, FunctionName="whole:1"))[2] == NOT_ABOUT_VERSIONS


@pytest.mark.parametrize("count", [1, 100_000])
def test_a_function_that_does_not_exist_is_named_with_its_latest(client: Any, count: int) -> None:
    answer = refused(client.put_function_concurrency, FunctionName="doesnotexist", ReservedConcurrentExecutions=count)
    message = f"Function not found: {A}doesnotexist:$LATEST"
    assert error(answer) == (404, "ResourceNotFoundException", message)
    for call in (client.get_function_concurrency, client.delete_function_concurrency):
        assert error(refused(call, FunctionName="doesnotexist"))[2] == f"Function not found: {A}doesnotexist"


def test_the_pool_of_all_others_keeps_a_hundred(client: Any, reserve: Callable[[str, int], Any]) -> None:
    for name in ("greedy", "modest"):
        create(client, name, code("a"))
    message = (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        "its minimum value of [100]."
    )

    def asked(name: str, count: int) -> tuple[int, str, str]:
        answer = refused(client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=count)
        assert "Type" not in answer
        return error(answer)

    assert asked("greedy", 11) == (400, "InvalidParameterValueException", message)
    reserve("greedy", 7)
    assert asked("modest", 4)[2] == message
    reserve("modest", 3)
    reserve("greedy", 7)
    assert asked("greedy", 8)[2] == message
    limits = client.get_account_settings()["AccountLimit"]
    assert (limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]) == (110, 100)


# --- what is kept


def test_what_is_reserved_is_shown_until_it_is_given_back(client: Any, reserve: Callable[[str, int], Any]) -> None:
    create(client, "shown", code("a"))
    unset = client.get_function_concurrency(FunctionName="shown")
    assert "ReservedConcurrentExecutions" not in unset
    assert "Concurrency" not in client.get_function(FunctionName="shown")
    before = client.get_function_configuration(FunctionName="shown")["RevisionId"]

    for count in (0, 1):
        assert reserve("shown", count)["ReservedConcurrentExecutions"] == count
        assert client.get_function_concurrency(FunctionName="shown")["ReservedConcurrentExecutions"] == count
        found = client.get_function(FunctionName="shown")
        assert found["Concurrency"] == {"ReservedConcurrentExecutions": count}
        assert found["Configuration"]["RevisionId"] != before

    answer = client.delete_function_concurrency(FunctionName="shown")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="shown")


# --- calls


def test_reserving_nothing_lets_no_call_run(client: Any, reserve: Callable[[str, int], Any]) -> None:
    create(client, "stopped", NESTED, Publish=True)
    reserve("stopped", 0)
    for named in ("stopped", "stopped:1"):
        answer = refused(client.invoke, FunctionName=named)
        assert error(answer) == (429, "TooManyRequestsException", "Rate Exceeded.")
        assert (answer["Reason"], answer["Type"]) == (RESERVED, "User")
    client.delete_function_concurrency(FunctionName="stopped")
    assert nested(client, 1, "stopped") == [ON_DEMAND]


def test_just_as_many_calls_run_as_are_reserved(client: Any, reserve: Callable[[str, int], Any]) -> None:
    create(client, "exact", NESTED, Timeout=30)
    reserve("exact", 3)
    assert nested(client, 3, "exact") == [ON_DEMAND] * 3
    assert nested(client, 4, "exact") == [ON_DEMAND] * 3 + [RESERVED]
    reserve("exact", 1)
    assert nested(client, 2, "exact") == [ON_DEMAND, RESERVED]
    client.delete_function_concurrency(FunctionName="exact")
    assert nested(client, 5, "exact") == [ON_DEMAND] * 5


def test_what_others_reserve_is_missing_in_the_pool(start: Callable[..., Server]) -> None:
    # With a limit below a hundred nothing can be reserved, so that the limit is lowered behind it.
    server = start("--concurrency", "103")
    client = server.client()
    for name in ("reserves", "shares"):
        create(client, name, NESTED, Timeout=30)
    client.put_function_concurrency(FunctionName="reserves", ReservedConcurrentExecutions=3)
    server.stop()
    server = start("--concurrency", "5")
    client = server.client()
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 2
    assert nested(client, 3, "shares") == [ON_DEMAND] * 2 + ["ConcurrentInvocationLimitExceeded"]
    assert nested(client, 4, "reserves") == [ON_DEMAND] * 3 + [RESERVED]


def test_what_is_reserved_survives_the_server_and_ends_with_the_function(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "f", code("a"))
    server.client().put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    server.kill()
    server.restart()
    client = server.client()
    assert refused(client.invoke, FunctionName="f")["Reason"] == RESERVED
    client.delete_function(FunctionName="f")
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 1000
    create(client, "f", code("a"))
    assert client.invoke(FunctionName="f")["StatusCode"] == 200
