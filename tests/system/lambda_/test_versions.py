"""Versions: published from what a function is, never changed afterwards, numbered for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from system.harness import ROLE, RUNTIME, create, refused, settle, zipped
from system.lambda_.answers import NOT_ABOUT_VERSIONS, STALE, A, called, code, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server


def published(client: Any, name: str, **params: Any) -> str:
    version: str = client.publish_version(FunctionName=name, **params)["Version"]
    return version


def versions(client: Any, name: str) -> list[str]:
    return [one["Version"] for one in client.list_versions_by_function(FunctionName=name)["Versions"]]


# --- what is refused


def test_code_that_is_not_what_the_client_thinks_is_not_published(client: Any) -> None:
    create(client, "sha", code("a"))
    there = client.get_function_configuration(FunctionName="sha")["CodeSha256"]
    answer = refused(client.publish_version, FunctionName="sha", CodeSha256="somenonexistentsha256")
    message = (
        f"CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST ({there}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )
    assert error(answer) == (400, "InvalidParameterValueException", message)
    assert (answer["Type"], answer["message"]) == ("User", message)
    assert published(client, "sha", CodeSha256=there) == "1"


def test_a_function_that_changed_meanwhile_is_not_published(client: Any) -> None:
    create(client, "stale", code("a"))
    answer = refused(client.publish_version, FunctionName="stale", RevisionId="stale")
    assert error(answer) == (412, "PreconditionFailedException", STALE.format("GetFunction/GetAlias"))
    now = client.get_function_configuration(FunctionName="stale")["RevisionId"]
    assert published(client, "stale", RevisionId=now) == "1"


def test_what_is_missing_is_named(client: Any) -> None:
    create(client, "present", code("a"))
    missing = f"Function not found: {A}missing"
    assert error(refused(client.publish_version, FunctionName="missing"))[1:] == ("ResourceNotFoundException", missing)
    assert error(refused(client.list_versions_by_function, FunctionName="missing"))[2] == missing
    for call in (client.get_function, client.get_function_configuration, client.invoke):
        for qualifier in ("9", "absent"):
            answer = refused(call, FunctionName="present", Qualifier=qualifier)
            assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}present:{qualifier}")
            assert answer["Message"] == answer["Error"]["Message"]


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_a_version_or_an_alias_cannot_be_changed(client: Any, qualifier: str) -> None:
    name = f"immutable-{qualifier}"
    create(client, name, code("a"), Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    named = f"{name}:{qualifier}"
    for answer in (
        refused(client.update_function_configuration, FunctionName=named, Timeout=9),
        refused(client.update_function_code, FunctionName=named, ZipFile=zipped(code("b"))),
        refused(client.publish_version, FunctionName=named),
    ):
        assert error(answer) == (400, "InvalidParameterValueException", NOT_ABOUT_VERSIONS)
    assert called(client, named) == (["a", None, "1"], "1")


def test_a_version_that_an_alias_names_cannot_be_deleted(client: Any) -> None:
    create(client, "aliased", code("a"), Publish=True)
    client.update_function_configuration(FunctionName="aliased", Timeout=9)
    settle(client, "aliased")
    published(client, "aliased")
    client.create_alias(
        FunctionName="aliased",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    message = "Unable to delete version because the following aliases reference it: [live]"
    for version in "12":
        answer = refused(client.delete_function, FunctionName="aliased", Qualifier=version)
        assert error(answer) == (409, "ResourceConflictException", message)
    client.delete_alias(FunctionName="aliased", Name="live")
    for version in "12":
        client.delete_function(FunctionName="aliased", Qualifier=version)
    assert versions(client, "aliased") == ["$LATEST"]


def test_neither_the_latest_nor_an_alias_is_deleted_as_a_version(client: Any) -> None:
    create(client, "kept", code("a"))
    answer = refused(client.delete_function, FunctionName="kept", Qualifier="$LATEST")
    assert error(answer)[1:] == (
        "InvalidParameterValueException",
        "$LATEST version cannot be deleted without deleting the function.",
    )
    answer = refused(client.delete_function, FunctionName="kept:live")
    assert error(answer)[2] == "Deletion of aliases is not currently supported."
    answer = refused(client.delete_function, FunctionName="missing", Qualifier="1")
    assert error(answer) == (404, "ResourceNotFoundException", f"Function not found: {A}missing")
    assert client.delete_function(FunctionName="kept", Qualifier="9")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_marker_that_was_never_given_is_refused(client: Any) -> None:
    create(client, "marked", code("a"))
    for marker in ("!", "YQpi"):
        answer = refused(client.list_versions_by_function, FunctionName="marked", Marker=marker)
        assert error(answer)[:2] == (400, "InvalidParameterValueException")


# --- what is published


def test_a_version_is_there_at_once_and_says_what_the_function_was(client: Any) -> None:
    create(client, "first", code("a"), Description="the function", Environment={"Variables": {"STAGE": "old"}})
    before = client.get_function_configuration(FunctionName="first")
    answer = client.publish_version(FunctionName="first", Description="the version")
    after = client.get_function_configuration(FunctionName="first")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "Successful")
    assert (answer["Version"], answer["FunctionArn"]) == ("1", f"{A}first:1")
    assert (answer["Description"], after["Description"]) == ("the version", "the function")
    assert answer["CodeSha256"] == before["CodeSha256"]
    assert len({answer["RevisionId"], before["RevisionId"], after["RevisionId"]}) == 3
    found = client.get_function(FunctionName="first", Qualifier="1")["Configuration"]
    del answer["ResponseMetadata"]
    assert found == answer
    assert client.get_function_configuration(FunctionName=f"{A}first:1")["RevisionId"] == answer["RevisionId"]


def test_a_version_stays_what_it_was(client: Any) -> None:
    create(client, "constant", code("a"), Environment={"Variables": {"STAGE": "old"}})
    published(client, "constant")
    assert called(client, "constant", Qualifier="1") == (["a", "old", "1"], "1")
    client.update_function_code(FunctionName="constant", ZipFile=zipped(code("b")))
    settle(client, "constant")
    client.update_function_configuration(FunctionName="constant", Environment={"Variables": {"STAGE": "new"}})
    settle(client, "constant")
    assert called(client, "constant") == (["b", "new", "$LATEST"], "$LATEST")
    assert called(client, "constant:1") == (["a", "old", "1"], "1")
    assert published(client, "constant") == "2"
    assert called(client, "constant", Qualifier="2") == (["b", "new", "2"], "2")


def test_a_function_that_did_not_change_is_the_same_version_again(client: Any) -> None:
    create(client, "unchanged", code("a"), Description="first")
    first = client.publish_version(FunctionName="unchanged")
    latest = client.get_function_configuration(FunctionName="unchanged")["RevisionId"]
    again = client.publish_version(FunctionName="unchanged", Description="not new")
    assert (again["Version"], again["RevisionId"]) == ("1", first["RevisionId"])
    assert again["Description"] == "first"
    assert client.get_function_configuration(FunctionName="unchanged")["RevisionId"] == latest

    client.update_function_configuration(FunctionName="unchanged", Description="second")
    settle(client, "unchanged")
    assert published(client, "unchanged") == "2"
    assert versions(client, "unchanged") == ["$LATEST", "1", "2"]


def test_a_new_function_can_be_published_at_once(client: Any) -> None:
    answer = client.create_function(
        FunctionName="at-once",
        Runtime=RUNTIME,
        Handler="m.handler",
        Role=ROLE,
        Code={"ZipFile": zipped(code("a"))},
        Publish=True,
    )
    assert (answer["Version"], answer["FunctionArn"], answer["State"]) == ("1", f"{A}at-once", "Pending")
    settle(client, "at-once")
    settle(client, "at-once:1")
    latest = client.get_function(FunctionName="at-once")["Configuration"]
    first = client.get_function(FunctionName="at-once", Qualifier="1")["Configuration"]
    assert (latest["Version"], latest["FunctionArn"]) == ("$LATEST", f"{A}at-once")
    assert (first["Version"], first["FunctionArn"], first["State"]) == ("1", f"{A}at-once:1", "Active")
    again = client.publish_version(FunctionName="at-once")
    assert (again["Version"], again["RevisionId"]) == ("1", first["RevisionId"])
    assert called(client, "at-once", Qualifier="1")[1] == "1"


def test_new_code_can_be_published_at_once(client: Any) -> None:
    create(client, "recoded", code("a"))
    answer = client.update_function_code(FunctionName="recoded", ZipFile=zipped(code("b")), Publish=True)
    assert (answer["Version"], answer["FunctionArn"]) == ("1", f"{A}recoded:1")
    assert called(client, "recoded", Qualifier="1") == (["b", None, "1"], "1")
    settle(client, "recoded")
    again = client.update_function_code(FunctionName="recoded", ZipFile=zipped(code("b")), Publish=True)
    assert again["Version"] == "1"


def test_a_number_is_never_given_twice(client: Any) -> None:
    create(client, "numbers", code("a"), Publish=True)
    client.delete_function(FunctionName="numbers", Qualifier="1")
    assert published(client, "numbers") == "2", "what was deleted is published anew, under another number"
    client.delete_function(FunctionName="numbers")
    create(client, "numbers", code("a"), Publish=True)
    assert versions(client, "numbers") == ["$LATEST", "3"]
    assert called(client, "numbers", Qualifier="3")[1] == "3"
    assert error(refused(client.invoke, FunctionName="numbers", Qualifier="2"))[0] == 404


def test_versions_come_in_the_order_of_their_numbers_page_by_page(client: Any) -> None:
    create(client, "many", code("a"))
    for number in range(12):
        client.update_function_configuration(FunctionName="many", Description=str(number))
        settle(client, "many")
        published(client, "many")
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName="many", PaginationConfig={"PageSize": 5}
    )
    found = [[one["Version"] for one in page["Versions"]] for page in pages]
    assert found == [["$LATEST", "1", "2", "3", "4"], ["5", "6", "7", "8", "9"], ["10", "11", "12"]]
    one = client.list_versions_by_function(FunctionName="many", MaxItems=1)["Versions"][0]
    assert one["FunctionArn"] == f"{A}many:$LATEST"
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & one.keys()


def test_lists_of_functions_show_all_versions_where_that_is_asked_for(server: Server) -> None:
    client = server.client(account="333333333333")
    for name in ("one", "two"):
        create(client, name, code("a"), Publish=True)
    assert [one["Version"] for one in client.list_functions()["Functions"]] == ["$LATEST", "$LATEST"]
    pages = client.get_paginator("list_functions").paginate(FunctionVersion="ALL", PaginationConfig={"PageSize": 3})
    found = [[one["FunctionArn"].partition("function:")[2] for one in page["Functions"]] for page in pages]
    assert found == [["one:$LATEST", "one:1", "two:$LATEST"], ["two:1"]]
    usage = client.get_account_settings()["AccountUsage"]
    assert usage["FunctionCount"] == 2
    assert usage["TotalCodeSize"] == 4 * client.get_function_configuration(FunctionName="one")["CodeSize"]


def test_a_deleted_function_takes_its_versions_with_it(client: Any) -> None:
    create(client, "whole", code("a"), Publish=True)
    assert called(client, "whole", Qualifier="1")[1] == "1"
    client.delete_function(FunctionName="whole")
    assert error(refused(client.invoke, FunctionName="whole", Qualifier="1"))[0] == 404


# --- what stays


def test_versions_survive_the_server_with_their_packages(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "f", code("a"), Publish=True)
    client.update_function_code(FunctionName="f", ZipFile=zipped(code("b")))
    settle(client, "f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    server.kill()
    server.restart()
    client = server.client()
    assert called(client, "f:1") == (["a", None, "1"], "1")
    assert called(client, "f:live") == (["a", None, "1"], "1")
    assert called(client, "f") == (["b", None, "$LATEST"], "$LATEST")
    server.stop()
    server.restart()
    assert called(server.client(), "f:1") == (["a", None, "1"], "1"), "the package was swept while a version used it"
    assert published(server.client(), "f") == "2"
