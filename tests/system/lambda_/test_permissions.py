"""Resource policies: how they are written, whom they let in, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import create, refused
from system.lambda_.answers import STALE, A, called, code, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from system.harness import Server

OTHER = "222222222222"
INVALID_PRINCIPAL = "The provided principal was invalid. Please check the principal and try again."
NOT_THERE = "The resource you requested does not exist."
INVOKE = {"Action": "lambda:InvokeFunction"}
S3 = {**INVOKE, "StatementId": "s3", "Principal": "s3.amazonaws.com"}


@pytest.fixture(scope="module")
def function(server: Server) -> Iterator[str]:
    """A function with a version 1 and an alias `live` of it."""
    client = server.client()
    create(client, "f", code("a"), Publish=True)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    yield "f"
    client.delete_function(FunctionName="f")


@pytest.fixture
def clean(function: str, client: Any) -> Iterator[str]:
    """The same, without any policy before and after a test."""
    yield function
    for qualifier in ({}, {"Qualifier": "1"}, {"Qualifier": "live"}):
        try:
            policy = client.get_policy(FunctionName=function, **qualifier)
        except client.exceptions.ResourceNotFoundException:
            continue
        for one in json.loads(policy["Policy"])["Statement"]:
            client.remove_permission(FunctionName=function, StatementId=one["Sid"], **qualifier)


def statements(client: Any, **named: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get_policy(**{"FunctionName": "f", **named})["Policy"])["Statement"]
    return found


# --- what is refused


@pytest.mark.parametrize(
    ("params", "status", "code", "message"),
    [
        (
            {"StatementId": "example.com"},
            400,
            "ValidationException",
            (
                "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
            ),
        ),
        (
            {"FunctionName": "f:alias-not-42", "Qualifier": "42"},
            400,
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
        (
            {"Qualifier": "$LATEST"},
            400,
            "InvalidParameterValueException",
            "We currently do not support adding policies for $LATEST.",
        ),
        ({"Principal": "invalid.nonaws.com"}, 400, "InvalidParameterValueException", INVALID_PRINCIPAL),
        ({"Principal": "arn:aws:iam::1:user/x"}, 400, "InvalidParameterValueException", INVALID_PRINCIPAL),
        (
            {"FunctionName": "doesnotexist"},
            404,
            "ResourceNotFoundException",
            f"Function not found: {A}doesnotexist",
        ),
        (
            {"Qualifier": "alias-doesnotexist"},
            404,
            "ResourceNotFoundException",
            f"Cannot find alias arn: {A}f:alias-doesnotexist",
        ),
        ({"Qualifier": "42"}, 404, "ResourceNotFoundException", f"Function not found: {A}f:42"),
        (
            {"Qualifier": "valid-with-$-but-doesnotexist"},
            404,
            "ResourceNotFoundException",
            f"Function not found: {A}f:valid-with-$-but-doesnotexist",
        ),
        (
            {"Qualifier": "invalid-qualifier-with-?-char"},
            400,
            "ValidationException",
            (
                "1 validation error detected: Value 'invalid-qualifier-with-?-char' at 'qualifier' failed to satisfy "
                r"constraint: Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
            ),
        ),
        (
            {"FunctionUrlAuthType": "NONE"},
            400,
            "InvalidParameterValueException",
            "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
        ),
    ],
)
def test_a_permission_that_cannot_be_is_refused(
    clean: str, server: Server, params: dict[str, Any], status: int, code: str, message: str
) -> None:
    client = server.client(checks=False)
    answer = refused(client.add_permission, **{"FunctionName": "f", **S3, **params})
    assert error(answer) == (status, code, message)
    assert error(refused(client.get_policy, FunctionName="f"))[2] == NOT_THERE


def test_a_statement_has_an_id_of_its_own(clean: str, client: Any) -> None:
    client.add_permission(FunctionName="f", **S3)
    answer = refused(client.add_permission, FunctionName="f", **S3)
    message = (
        "The statement id (s3) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )
    assert error(answer) == (409, "ResourceConflictException", message)
    client.add_permission(FunctionName="f", Qualifier="1", **S3)


@pytest.mark.parametrize("named", [{"FunctionName": "doesnotexist"}, {"Qualifier": "999"}, {"Qualifier": "nope"}, {}])
def test_a_policy_that_is_not_there_cannot_be_got(clean: str, client: Any, named: dict[str, str]) -> None:
    answer = refused(client.get_policy, **{"FunctionName": "f", **named})
    assert error(answer) == (404, "ResourceNotFoundException", NOT_THERE)
    assert (answer["Message"], answer["Type"]) == (NOT_THERE, "User")


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({}, "No policy is associated with the given resource."),
        ({"FunctionName": "doesnotexist"}, f"No policy found for: {A}doesnotexist"),
        ({"Qualifier": "alias-doesnotexist"}, f"Cannot find alias arn: {A}f:alias-doesnotexist"),
    ],
)
def test_what_is_not_there_cannot_be_removed(clean: str, client: Any, named: dict[str, str], message: str) -> None:
    answer = refused(client.remove_permission, **{"FunctionName": "f", "StatementId": "s3", **named})
    assert error(answer) == (404, "ResourceNotFoundException", message)


def test_a_statement_that_is_not_there_is_named(clean: str, client: Any) -> None:
    client.add_permission(FunctionName="f", **S3)
    answer = refused(client.remove_permission, FunctionName="f", StatementId="non-existent")
    message = "Statement non-existent is not found in resource policy."
    assert error(answer) == (404, "ResourceNotFoundException", message)


def test_a_policy_that_changed_meanwhile_is_left_alone(clean: str, client: Any) -> None:
    stale = (412, "PreconditionFailedException", STALE.format("GetPolicy"))
    assert error(refused(client.add_permission, FunctionName="f", **S3, RevisionId="never seen")) == stale
    client.add_permission(FunctionName="f", **S3)
    first = client.get_policy(FunctionName="f")["RevisionId"]
    client.add_permission(FunctionName="f", **{**S3, "StatementId": "s3_2"}, RevisionId=first)
    second = client.get_policy(FunctionName="f")["RevisionId"]
    assert second != first
    answer = refused(client.remove_permission, FunctionName="f", StatementId="s3", RevisionId=first)
    assert error(answer) == stale
    client.remove_permission(FunctionName="f", StatementId="s3", RevisionId=second)
    assert [one["Sid"] for one in statements(client)] == ["s3_2"]


def test_a_policy_has_a_limit(clean: str, client: Any) -> None:
    big = {**INVOKE, "Principal": "*", "SourceArn": f"arn:aws:s3:::{'b' * 9_000}"}
    for number in "12":
        client.add_permission(FunctionName="f", StatementId=number, **big)
    answer = refused(client.add_permission, FunctionName="f", StatementId="3", **big)
    assert error(answer)[:2] == (400, "PolicyLengthExceededException")
    assert answer["Error"]["Message"].endswith("is bigger than the limit (20480).")
    assert len(statements(client)) == 2


# --- how they are written


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (
            {"Principal": "*", "SourceAccount": "111111111111"},
            {"Principal": "*", "Condition": {"StringEquals": {"AWS:SourceAccount": "111111111111"}}},
        ),
        ({"Principal": "lambda.amazonaws.com"}, {"Principal": {"Service": "lambda.amazonaws.com"}}),
        ({"Principal": "111111111111"}, {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}),
        ({"Principal": "arn:aws:iam::111111111111:user/u"}, {"Principal": {"AWS": "arn:aws:iam::111111111111:user/u"}}),
        (
            {
                "Principal": "*",
                "Action": "lambda:InvokeFunctionUrl",
                "SourceArn": "arn:aws:s3:::b",
                "SourceAccount": "111111111111",
                "FunctionUrlAuthType": "NONE",
                "PrincipalOrgID": "o-1234567890",
            },
            {
                "Principal": "*",
                "Action": "lambda:InvokeFunctionUrl",
                "Condition": {
                    "StringEquals": {
                        "AWS:SourceAccount": "111111111111",
                        "lambda:FunctionUrlAuthType": "NONE",
                        "aws:PrincipalOrgID": "o-1234567890",
                    },
                    "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"},
                },
            },
        ),
        (
            {"Principal": "*", "EventSourceToken": "amzn1.ask.skill.x"},
            {"Principal": "*", "Condition": {"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.x"}}},
        ),
        (
            {"Principal": "*", "InvokedViaFunctionUrl": True},
            {"Principal": "*", "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
        ),
    ],
)
def test_a_statement_says_what_was_asked_for(
    clean: str, client: Any, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = client.add_permission(FunctionName="f", StatementId="sid", **{**INVOKE, **params})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    whole = {"Sid": "sid", "Effect": "Allow", **INVOKE, "Resource": f"{A}f", **expected}
    assert json.loads(answer["Statement"]) == whole
    assert json.loads(client.get_policy(FunctionName="f")["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": [whole],
    }


def test_a_function_its_versions_and_its_aliases_have_policies_of_their_own(clean: str, client: Any) -> None:
    for named, qualifier in (({}, ""), ({"Qualifier": "1"}, ":1"), ({"Qualifier": "live"}, ":live")):
        client.add_permission(FunctionName="f", **S3, **named)
        assert [one["Resource"] for one in statements(client, **named)] == [f"{A}f{qualifier}"]
    revisions = {client.get_policy(FunctionName=name)["RevisionId"] for name in ("f", "f:1", "f:live")}
    assert len(revisions) == 3
    client.remove_permission(FunctionName="f:live", StatementId="s3")
    assert error(refused(client.get_policy, FunctionName="f:live"))[2] == NOT_THERE
    assert len(statements(client)) == 1


def test_neither_publishing_nor_a_failed_removal_changes_a_policy(client: Any) -> None:
    create(client, "quiet", code("a"))
    client.add_permission(FunctionName="quiet", **S3)
    before = client.get_policy(FunctionName="quiet")
    client.publish_version(FunctionName="quiet")
    refused(client.remove_permission, FunctionName="quiet", StatementId="other")
    after = client.get_policy(FunctionName="quiet")
    assert (after["Policy"], after["RevisionId"]) == (before["Policy"], before["RevisionId"])
    assert error(refused(client.get_policy, FunctionName="quiet", Qualifier="1"))[2] == NOT_THERE


def test_the_last_statement_takes_the_policy_with_it(clean: str, client: Any) -> None:
    client.add_permission(FunctionName="f", **S3)
    answer = client.remove_permission(FunctionName="f", StatementId="s3")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert error(refused(client.get_policy, FunctionName="f"))[2] == NOT_THERE


def test_what_is_deleted_takes_its_policy_with_it(client: Any) -> None:
    create(client, "gone", code("a"), Publish=True)
    client.create_alias(FunctionName="gone", Name="live", FunctionVersion="1")
    for named in ("gone", "gone:1", "gone:live"):
        client.add_permission(FunctionName=named, **S3)
    client.delete_alias(FunctionName="gone", Name="live")
    client.create_alias(FunctionName="gone", Name="live", FunctionVersion="1")
    assert error(refused(client.get_policy, FunctionName="gone:live"))[2] == NOT_THERE
    client.delete_function(FunctionName="gone")
    create(client, "gone", code("a"))
    assert error(refused(client.get_policy, FunctionName="gone"))[2] == NOT_THERE


# --- whom they let in


def test_another_account_calls_what_it_was_let_into_and_nothing_else(clean: str, server: Server, client: Any) -> None:
    stranger = server.client(account=OTHER)
    answer = refused(stranger.invoke, FunctionName=f"{A}f")
    message = (
        f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: lambda:InvokeFunction on resource: {A}f "
        "because no resource-based policy allows the lambda:InvokeFunction action"
    )
    assert error(answer) == (403, "AccessDeniedException", message)

    client.add_permission(FunctionName="f", StatementId="other", Principal=OTHER, **INVOKE)
    assert called(stranger, f"{A}f") == (["a", None, "$LATEST"], "$LATEST")
    for denied in (f"{A}f:1", f"{A}f:live", f"{A}f:$LATEST", f"{A}unknown"):
        assert error(refused(stranger.invoke, FunctionName=denied))[0] == 403
    assert error(refused(server.client(account="333333333333").invoke, FunctionName=f"{A}f"))[0] == 403
    assert error(refused(stranger.get_function, FunctionName=f"{A}f"))[0] == 403
    assert error(refused(stranger.delete_function, FunctionName=f"{A}f"))[0] == 403

    client.remove_permission(FunctionName="f", StatementId="other")
    assert error(refused(stranger.invoke, FunctionName=f"{A}f"))[0] == 403


def test_another_account_calls_an_alias_that_lets_it_in(clean: str, server: Server, client: Any) -> None:
    client.add_permission(FunctionName="f:live", StatementId="other", Principal="*", **INVOKE)
    stranger = server.client(account=OTHER)
    assert called(stranger, f"{A}f:live") == (["a", None, "1"], "1")
    assert error(refused(stranger.invoke, FunctionName=f"{A}f"))[0] == 403


def test_a_statement_with_a_condition_or_for_something_else_lets_nobody_in(
    clean: str, server: Server, client: Any
) -> None:
    for number, params in enumerate(
        (
            {"Principal": OTHER, "SourceArn": "arn:aws:s3:::b"},
            {"Principal": OTHER, "Action": "lambda:GetFunction"},
            {"Principal": "s3.amazonaws.com"},
            {"Principal": "444444444444"},
        )
    ):
        client.add_permission(FunctionName="f", StatementId=str(number), **{**INVOKE, **params})
    assert error(refused(server.client(account=OTHER).invoke, FunctionName=f"{A}f"))[0] == 403


# --- as whole documents


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


LET_IN = {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "lambda:Invoke*", "Resource": f"{A}f"}


def test_a_policy_can_be_put_as_a_whole(clean: str, server: Server, client: Any) -> None:
    client.add_permission(FunctionName="f", **S3)
    revision = client.get_policy(FunctionName="f")["RevisionId"]
    answer = client.put_resource_policy(ResourceArn=f"{A}f", Policy=document(LET_IN), RevisionId=revision)
    assert json.loads(answer["Policy"])["Statement"] == [LET_IN]
    assert [one["Sid"] for one in statements(client)] == ["a"]
    stranger = server.client(account=OTHER)
    assert called(stranger, f"{A}f")[1] == "$LATEST"

    denied = {**LET_IN, "Sid": "b", "Effect": "Deny", "Principal": "*"}
    client.put_resource_policy(ResourceArn=f"{A}f", Policy=document(LET_IN, denied))
    assert error(refused(stranger.invoke, FunctionName=f"{A}f"))[0] == 403
    found = client.get_resource_policy(ResourceArn=f"{A}f")
    assert found["RevisionId"] == client.get_policy(FunctionName="f")["RevisionId"]
    client.delete_resource_policy(ResourceArn=f"{A}f", RevisionId=found["RevisionId"])
    for call in (client.get_resource_policy, client.delete_resource_policy):
        assert error(refused(call, ResourceArn=f"{A}f")) == (404, "ResourceNotFoundException", NOT_THERE)


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        "[]",
        "{}",
        document(),
        document({**LET_IN, "Effect": "Maybe"}),
        document({**LET_IN, "Principal": OTHER}),
        document({**LET_IN, "Action": []}),
        document({**LET_IN, "Resource": {}}),
        document({**LET_IN, "Condition": "x"}),
        document({**LET_IN, "Other": "x"}),
        '{"Statement": ["x"]}',
    ],
)
def test_what_is_no_policy_is_not_kept(clean: str, client: Any, policy: str) -> None:
    answer = refused(client.put_resource_policy, ResourceArn=f"{A}f", Policy=policy)
    assert error(answer)[:2] == (400, "InvalidParameterValueException")
    assert error(refused(client.get_policy, FunctionName="f"))[2] == NOT_THERE


def test_what_nobody_would_read_is_refused_by_name(clean: str, client: Any) -> None:
    unread = {**LET_IN, "NotPrincipal": LET_IN["Principal"]}
    answer = refused(client.put_resource_policy, ResourceArn=f"{A}f", Policy=document(unread))
    assert error(answer)[1:] == ("NotImplementedException", "Lambent does not implement policies with NotPrincipal")
    answer = refused(client.put_resource_policy, ResourceArn=f"{A}unknown", Policy=document(LET_IN))
    assert error(answer)[2] == f"Function not found: {A}unknown"


def test_a_policy_survives_the_server(start: Callable[..., Server]) -> None:
    server = start()
    create(server.client(), "f", code("a"))
    server.client().add_permission(FunctionName="f", StatementId="other", Principal=OTHER, **INVOKE)
    server.kill()
    server.restart()
    assert called(server.client(account=OTHER), f"{A}f")[1] == "$LATEST"
