"""Aliases: names for versions, and for two versions of which each gets its share of the calls."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import create, refused, settle, zipped
from system.lambda_.answers import NOT_ABOUT_VERSIONS, STALE, A, called, code, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server


INVALID = "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}"
WEIGHT = (
    "must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)
VERSION = (
    "must satisfy constraint: [Member must have length less than or equal to 1024, "
    "Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]"
)
ALIAS = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)"


@pytest.fixture(scope="module")
def versions(server: Server) -> Iterator[str]:
    """A function with versions 1, which returns `one`, and 2, which returns `two`."""
    client = server.client()
    two_versions(client, "f")
    yield "f"
    client.delete_function(FunctionName="f")


def two_versions(client: Any, name: str) -> None:
    create(client, name, code("one"), Publish=True)
    client.update_function_code(FunctionName=name, ZipFile=zipped(code("two")), Publish=True)
    settle(client, name)


def weights(**versions: float) -> dict[str, Any]:
    """A routing configuration: `v2=0.5`."""
    return {"AdditionalVersionWeights": {name[1:]: weight for name, weight in versions.items()}}


def aliased(client: Any, **params: Any) -> dict[str, Any]:
    return refused(client.create_alias, **{"FunctionName": "f", "Name": "new", "FunctionVersion": "1", **params})


# --- what is refused


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        (
            {"RoutingConfig": weights(v1=0.1, v2=0.2)},
            "InvalidParameterValueException",
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ),
        (
            {"RoutingConfig": weights(v1=0.5)},
            "InvalidParameterValueException",
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
        (
            {"FunctionVersion": "$LATEST", "RoutingConfig": weights(v1=0.5)},
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (
            {"RoutingConfig": weights(v2=2.0)},
            "ValidationException",
            INVALID.format("{2=2.0}", "routingConfig.additionalVersionWeights", "Map value " + WEIGHT),
        ),
        (
            {"RoutingConfig": weights(v2=-1.0)},
            "ValidationException",
            INVALID.format("{2=-1.0}", "routingConfig.additionalVersionWeights", "Map value " + WEIGHT),
        ),
        (
            {"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}},
            "ValidationException",
            INVALID.format("{$LATEST=0.5}", "routingConfig.additionalVersionWeights", "Map keys " + VERSION),
        ),
        (
            {"Name": "2024"},
            "ValidationException",
            INVALID.format("2024", "name", "Member must satisfy regular expression pattern: " + ALIAS),
        ),
    ],
)
def test_what_lambda_does_not_take_is_refused_in_its_words(
    versions: str, server: Server, params: dict[str, Any], code: str, message: str
) -> None:
    assert error(aliased(server.client(checks=False), **params)) == (400, code, message)


@pytest.mark.parametrize(
    ("params", "missing"),
    [
        ({"FunctionVersion": "10"}, "f:10"),
        ({"RoutingConfig": weights(v10=0.5)}, "f:10"),
        ({"FunctionName": "unknown"}, "unknown:1"),
    ],
)
def test_an_alias_of_what_does_not_exist_is_refused(
    versions: str, client: Any, params: dict[str, Any], missing: str
) -> None:
    answer = aliased(client, **params)
    assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}{missing}")
    assert (answer["Message"], answer["Type"]) == (answer["Error"]["Message"], "User")


def test_an_alias_is_not_made_twice(versions: str, client: Any) -> None:
    client.create_alias(FunctionName="f", Name="twice", FunctionVersion="1")
    answer = aliased(client, Name="twice", FunctionVersion="2")
    assert error(answer) == (409, "ResourceConflictException", f"Alias already exists: {A}f:twice")
    assert client.get_alias(FunctionName="f", Name="twice")["FunctionVersion"] == "1"


def test_an_alias_that_does_not_exist_is_named_in_different_words(versions: str, client: Any) -> None:
    answer = refused(client.get_alias, FunctionName="f", Name="absent")
    assert error(answer) == (404, "ResourceNotFoundException", f"Cannot find alias arn: {A}f:absent")
    answer = refused(client.update_alias, FunctionName="f", Name="absent", Description="x")
    assert error(answer) == (404, "ResourceNotFoundException", f"Alias not found: {A}f:absent")
    assert client.delete_alias(FunctionName="f", Name="absent")["ResponseMetadata"]["HTTPStatusCode"] == 204
    for named in (("f", "absent"), (f"{A}f", "absent")):
        answer = refused(client.get_function, FunctionName=named[0], Qualifier=named[1])
        assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}f:absent")
    assert error(refused(client.list_aliases, FunctionName="unknown"))[2] == f"Function not found: {A}unknown"


def test_an_alias_that_changed_meanwhile_is_left_alone(versions: str, client: Any) -> None:
    made = client.create_alias(FunctionName="f", Name="raced", FunctionVersion="1")
    answer = refused(client.update_alias, FunctionName="f", Name="raced", FunctionVersion="2", RevisionId="wrong")
    assert error(answer) == (412, "PreconditionFailedException", STALE.format("GetFunction/GetAlias"))
    after = client.update_alias(FunctionName="f", Name="raced", FunctionVersion="2", RevisionId=made["RevisionId"])
    assert (after["FunctionVersion"], after["RevisionId"] != made["RevisionId"]) == ("2", True)


@pytest.mark.parametrize(
    "change",
    [
        {"FunctionVersion": "2"},
        {"RoutingConfig": weights(v1=0.5)},
        {"FunctionVersion": "$LATEST"},
        {"FunctionVersion": "10"},
        {"RoutingConfig": weights(v10=0.5)},
    ],
)
def test_an_update_is_judged_by_what_the_alias_would_be(versions: str, client: Any, change: dict[str, Any]) -> None:
    before = {"FunctionName": "f", "Name": "judged", "FunctionVersion": "1", "RoutingConfig": weights(v2=0.5)}
    client.create_alias(**before)
    assert error(refused(client.update_alias, FunctionName="f", Name="judged", **change))[0] in {400, 404}
    found = client.get_alias(FunctionName="f", Name="judged")
    assert (found["FunctionVersion"], found["RoutingConfig"]) == ("1", weights(v2=0.5))
    client.delete_alias(FunctionName="f", Name="judged")


def test_an_alias_has_no_aliases(versions: str, client: Any) -> None:
    assert error(aliased(client, FunctionName="f:1")) == (400, "InvalidParameterValueException", NOT_ABOUT_VERSIONS)


# --- what is kept


def test_an_alias_is_shown_as_it_was_made(versions: str, client: Any) -> None:
    made = client.create_alias(
        FunctionName="f", Name="live-1_A", FunctionVersion="1", Description="d", RoutingConfig=weights(v2=0.2)
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    del made["ResponseMetadata"]
    found = client.get_alias(FunctionName="f", Name="live-1_A")
    del found["ResponseMetadata"]
    assert found == made
    assert {key: value for key, value in made.items() if key != "RevisionId"} == {
        "AliasArn": f"{A}f:live-1_A",
        "Name": "live-1_A",
        "FunctionVersion": "1",
        "Description": "d",
        "RoutingConfig": weights(v2=0.2),
    }
    plain = client.create_alias(
        FunctionName="f", Name="2024-01-02", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    assert ("RoutingConfig" in plain, plain["Description"]) == (False, "")


def test_what_is_not_sent_stays_and_an_empty_routing_clears(versions: str, client: Any) -> None:
    client.create_alias(
        FunctionName="f", Name="merged", FunctionVersion="1", Description="d", RoutingConfig=weights(v2=0.2)
    )
    after = client.update_alias(FunctionName="f", Name="merged", Description="e")
    assert (after["FunctionVersion"], after["Description"], after["RoutingConfig"]) == ("1", "e", weights(v2=0.2))
    after = client.update_alias(FunctionName="f", Name="merged", RoutingConfig={"AdditionalVersionWeights": {}})
    assert ("RoutingConfig" in after, after["Description"]) == (False, "e")


def test_a_new_alias_changes_neither_the_function_nor_its_version(versions: str, client: Any) -> None:
    def revisions() -> list[str]:
        return [client.get_function_configuration(FunctionName=name)["RevisionId"] for name in ("f", "f:1")]

    before = revisions()
    client.create_alias(FunctionName="f", Name="harmless", FunctionVersion="1")
    assert revisions() == before


def test_a_function_is_found_by_its_alias(versions: str, client: Any) -> None:
    client.create_alias(FunctionName="f", Name="found", FunctionVersion="1")
    for named in ({"FunctionName": "f", "Qualifier": "found"}, {"FunctionName": f"{A}f:found"}):
        found = client.get_function(**named)["Configuration"]
        assert (found["FunctionArn"], found["Version"]) == (f"{A}f:found", "1")
        assert client.get_function_configuration(**named)["CodeSha256"] == found["CodeSha256"]


def test_aliases_come_by_name_page_by_page_and_by_version(client: Any) -> None:
    two_versions(client, "listed")
    for name, version in (("d", "1"), ("a", "2"), ("c", "1"), ("b", "1")):
        client.create_alias(FunctionName="listed", Name=name, FunctionVersion=version)
    pages = client.get_paginator("list_aliases").paginate(FunctionName="listed", PaginationConfig={"PageSize": 2})
    assert [[one["Name"] for one in page["Aliases"]] for page in pages] == [["a", "b"], ["c", "d"]]
    found = client.list_aliases(FunctionName="listed", FunctionVersion="1")["Aliases"]
    assert [one["Name"] for one in found] == ["b", "c", "d"]


# --- calls


def test_a_call_through_an_alias_runs_its_version_as_it_was_addressed(client: Any) -> None:
    source = "def handler(event, context):\n    return [context.invoked_function_arn, context.function_version]\n"
    create(client, "addressed", source, Publish=True)
    client.create_alias(FunctionName="addressed", Name="live", FunctionVersion="1")
    assert called(client, "addressed:live") == ([f"{A}addressed:live", "1"], "1")
    assert called(client, "addressed", Qualifier="1") == ([f"{A}addressed:1", "1"], "1")
    assert called(client, "addressed") == ([f"{A}addressed", "$LATEST"], "$LATEST")
    assert client.invoke(FunctionName="addressed:live", InvocationType="DryRun")["StatusCode"] == 204


def test_the_next_call_goes_where_the_alias_points_now(versions: str, client: Any) -> None:
    client.create_alias(FunctionName="f", Name="moved", FunctionVersion="1")
    assert called(client, "f:moved") == (["one", None, "1"], "1")
    client.update_alias(FunctionName="f", Name="moved", FunctionVersion="2")
    assert called(client, "f:moved") == (["two", None, "2"], "2")
    client.delete_alias(FunctionName="f", Name="moved")
    answer = refused(client.invoke, FunctionName="f:moved")
    assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}f:moved")


def test_an_alias_of_the_latest_follows_it(client: Any) -> None:
    create(client, "followed", code("old"))
    client.create_alias(FunctionName="followed", Name="edge", FunctionVersion="$LATEST")
    assert called(client, "followed:edge") == (["old", None, "$LATEST"], "$LATEST")
    client.update_function_code(FunctionName="followed", ZipFile=zipped(code("new")))
    settle(client, "followed")
    assert called(client, "followed:edge") == (["new", None, "$LATEST"], "$LATEST")


def test_each_version_of_an_alias_gets_its_share_of_the_calls(versions: str, client: Any) -> None:
    client.create_alias(FunctionName="f", Name="split", FunctionVersion="1", RoutingConfig=weights(v2=0.5))
    ran: Counter[str] = Counter()
    for _ in range(200):
        answer, version = called(client, "f:split")
        assert answer == [{"1": "one", "2": "two"}[version], None, version]
        ran[version] += 1
    # Beyond this lies one run in ten million.
    assert 60 < ran["2"] < 140
    for weight, runs in ((0.0, "1"), (1.0, "2")):
        client.update_alias(FunctionName="f", Name="split", RoutingConfig=weights(v2=weight))
        assert {called(client, "f:split")[1] for _ in range(20)} == {runs}


def test_a_deleted_function_takes_its_aliases_with_it(client: Any) -> None:
    create(client, "gone", code("a"), Publish=True)
    client.create_alias(FunctionName="gone", Name="live", FunctionVersion="1")
    assert called(client, "gone:live")[1] == "1"
    client.delete_function(FunctionName="gone")
    create(client, "gone", code("b"), Publish=True)
    assert error(refused(client.invoke, FunctionName="gone:live"))[0] == 404
    assert client.list_aliases(FunctionName="gone")["Aliases"] == []


def test_an_alias_survives_the_server(start: Callable[..., Server]) -> None:
    server = start()
    two_versions(server.client(), "f")
    server.client().create_alias(FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig=weights(v2=1.0))
    server.kill()
    server.restart()
    assert server.client().get_alias(FunctionName="f", Name="live")["RoutingConfig"] == weights(v2=1.0)
    answer = server.client().invoke(FunctionName="f:live")
    assert (json.loads(answer["Payload"].read())[0], answer["ExecutedVersion"]) == ("two", "2")
