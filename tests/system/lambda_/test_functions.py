"""The life of a function through the API, as AWS was seen to answer."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from system.harness import ROLE, RUNTIME, create, settle, zipped

if TYPE_CHECKING:
    from system.harness import Server

CODE = "def handler(event, context):\n    return event\n"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def refused(call: Any, **params: Any) -> dict[str, Any]:
    """The answer of a call that is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**params)
    return dict(refusal.value.response)


def test_creation_answers_pending_and_becomes_active(client: Any) -> None:
    package = zipped(CODE)
    answer = create(client, "life", package, Timeout=5, MemorySize=256, Environment={"Variables": {}})
    answer.pop("ResponseMetadata")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", answer.pop("LastModified"))
    revision = answer.pop("RevisionId")
    assert re.fullmatch(UUID, revision)
    runtime_arn = answer.pop("RuntimeVersionConfig")["RuntimeVersionArn"]
    assert re.fullmatch(r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}", runtime_arn)
    assert answer == {
        "FunctionName": "life",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:life",
        "Runtime": RUNTIME,
        "Role": ROLE,
        "Handler": "m.handler",
        "CodeSize": len(package),
        "CodeSha256": base64.b64encode(hashlib.sha256(package).digest()).decode(),
        "Description": "",
        "Timeout": 5,
        "MemorySize": 256,
        "Version": "$LATEST",
        "Environment": {"Variables": {}},
        "TracingConfig": {"Mode": "PassThrough"},
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/life"},
    }

    found = client.get_function_configuration(FunctionName="life")
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")
    assert "StateReason" not in found
    assert found["RevisionId"] != revision


def test_status_codes_are_those_of_aws(client: Any) -> None:
    create(client, "codes", CODE)

    def status(answer: dict[str, Any]) -> int:
        code: int = answer["ResponseMetadata"]["HTTPStatusCode"]
        return code

    assert status(client.get_function(FunctionName="codes")) == 200
    assert status(client.tag_resource(Resource=arn("codes"), Tags={"a": "b"})) == 204
    assert status(client.untag_resource(Resource=arn("codes"), TagKeys=["a"])) == 204
    assert status(client.delete_function(FunctionName="codes")) == 204


def test_an_update_is_in_progress_and_then_successful_with_a_new_revision(client: Any) -> None:
    create(client, "update", CODE)
    before = client.get_function_configuration(FunctionName="update")

    answer = client.update_function_configuration(
        FunctionName="update",
        Description="new",
        Environment={"Variables": {"ENV_A": "a"}},
        RevisionId=before["RevisionId"],
    )
    assert (answer["State"], answer["LastUpdateStatus"]) == ("Active", "InProgress")
    assert answer["LastUpdateStatusReason"] == "The function is being created."
    assert answer["LastUpdateStatusReasonCode"] == "Creating"

    after = settle(client, "update")
    assert (after["LastUpdateStatus"], after["Description"], after["Timeout"]) == ("Successful", "new", 3)
    assert len({before["RevisionId"], answer["RevisionId"], after["RevisionId"]}) == 3
    stale = refused(client.update_function_configuration, FunctionName="update", RevisionId=before["RevisionId"])
    assert stale["Error"]["Code"] == "PreconditionFailedException"
    assert stale["ResponseMetadata"]["HTTPStatusCode"] == 412


def test_new_code_runs_after_its_update(client: Any) -> None:
    create(client, "code", "def handler(event, context):\n    return 1\n")
    assert client.invoke(FunctionName="code")["Payload"].read() == b"1"

    client.update_function_code(FunctionName="code", ZipFile=zipped("def handler(event, context):\n    return 2\n"))
    settle(client, "code")

    assert client.invoke(FunctionName="code")["Payload"].read() == b"2"


def test_a_dry_update_checks_and_changes_nothing(client: Any) -> None:
    create(client, "dry", CODE)
    before = client.get_function_configuration(FunctionName="dry")
    other = zipped(CODE + "# other\n")

    answer = client.update_function_code(FunctionName="dry", ZipFile=other, DryRun=True)

    assert answer["CodeSha256"] == base64.b64encode(hashlib.sha256(other).digest()).decode()
    assert client.get_function_configuration(FunctionName="dry")["CodeSha256"] == before["CodeSha256"]


def test_get_function_links_to_the_code_for_who_holds_the_link(client: Any) -> None:
    package = zipped(CODE)
    create(client, "link", package)

    location = client.get_function(FunctionName="link")["Code"]["Location"]

    with urlopen(location) as answer:
        assert answer.read() == package
    with pytest.raises(OSError, match="403"):
        urlopen(location.replace("Signature=", "Signature=0"))


def test_lists_are_paged_by_name_and_show_no_states(server: Server) -> None:
    client = server.client(account="111122223333")
    names = [f"page-{index:03d}" for index in range(53)]
    for name in reversed(names):
        client.create_function(
            FunctionName=name, Runtime=RUNTIME, Handler="m.h", Role=ROLE, Code={"ZipFile": zipped(CODE)}
        )

    first = client.list_functions()
    assert [one["FunctionName"] for one in first["Functions"]] == names[:50]
    second = client.list_functions(Marker=first["NextMarker"])
    assert [one["FunctionName"] for one in second["Functions"]] == names[50:]
    assert "NextMarker" not in second
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & first["Functions"][0].keys()
    every = client.list_functions(FunctionVersion="ALL", MaxItems=1)["Functions"]
    assert every[0]["FunctionArn"].endswith(":page-000:$LATEST")


def test_accounts_and_regions_are_separate_worlds(server: Server) -> None:
    create(server.client(), "mine", CODE)

    other_account = server.client(account="222222222222")
    assert refused(other_account.get_function, FunctionName="mine")["Error"]["Code"] == "ResourceNotFoundException"
    other_region = server.client(region="eu-west-1")
    assert refused(other_region.get_function, FunctionName="mine")["Error"]["Code"] == "ResourceNotFoundException"
    assert "mine" not in [one["FunctionName"] for one in other_account.list_functions()["Functions"]]


def test_a_function_that_exists_is_not_created_again(client: Any) -> None:
    create(client, "twice", CODE)
    answer = refused(
        client.create_function,
        FunctionName="twice",
        Runtime=RUNTIME,
        Handler="m.handler",
        Role=ROLE,
        Code={"ZipFile": zipped(CODE)},
    )
    assert answer["Error"] == {
        "Code": "ResourceConflictException",
        "Message": "Function already exist: twice",
    }
    assert (answer["Type"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("User", 409)


@pytest.mark.parametrize("operation", ["get_function", "get_function_configuration", "delete_function"])
def test_a_missing_function_is_named_without_a_qualifier(client: Any, operation: str) -> None:
    answer = refused(getattr(client, operation), FunctionName="nowhere")
    assert answer["Message"] == f"Function not found: {arn('nowhere')}"
    assert (answer["Type"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("User", 404)


def test_qualifiers_of_missing_things_are_named_where_aws_names_them(client: Any) -> None:
    create(client, "present", CODE)
    absent = refused(client.get_function, FunctionName="present", Qualifier="1221")
    assert absent["Message"] == f"Function not found: {arn('present')}:1221"
    gone = refused(client.delete_function, FunctionName="nowhere", Qualifier="1")
    assert gone["Message"] == f"Function not found: {arn('nowhere')}"


def test_deletion_of_what_cannot_be_deleted_is_refused(client: Any) -> None:
    create(client, "keep", CODE)
    latest = refused(client.delete_function, FunctionName="keep", Qualifier="$LATEST")
    assert latest["message"] == "$LATEST version cannot be deleted without deleting the function."
    alias = refused(client.delete_function, FunctionName="keep", Qualifier="blue")
    assert alias["message"] == "Deletion of aliases is not currently supported."
    assert client.get_function(FunctionName="keep")


def test_tags_are_kept_counted_and_removed(client: Any) -> None:
    create(client, "tags", CODE, Tags={"a": "1", "b": "2"})
    assert client.get_function(FunctionName="tags")["Tags"] == {"a": "1", "b": "2"}

    client.tag_resource(Resource=arn("tags"), Tags={"b": "3", "c": "4"})
    client.untag_resource(Resource=arn("tags"), TagKeys=["a", "unknown"])
    assert client.list_tags(Resource=arn("tags"))["Tags"] == {"b": "3", "c": "4"}

    many = refused(client.tag_resource, Resource=arn("tags"), Tags={str(index): "" for index in range(49)})
    assert many["message"] == "Number of tags exceeds resource tag limit."
    none = refused(client.tag_resource, Resource=arn("tags"), Tags={})
    assert none["message"] == "An error occurred and the request cannot be processed."
    version = refused(client.tag_resource, Resource=arn("tags") + ":$LATEST", Tags={"a": "b"})
    assert version["message"] == (
        "Tags on function aliases and versions are not supported. Please specify a function ARN."
    )


def test_a_deleted_functions_tags_do_not_come_back(client: Any) -> None:
    create(client, "phoenix", CODE, Tags={"old": "1"})
    client.delete_function(FunctionName="phoenix")
    create(client, "phoenix", CODE)
    assert "Tags" not in client.get_function(FunctionName="phoenix")


def test_account_settings_count_what_is_there(server: Server) -> None:
    client = server.client(account="333333333333")
    package = zipped(CODE)
    create(client, "one", package)

    settings = client.get_account_settings()

    assert settings["AccountLimit"] == {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    assert settings["AccountUsage"] == {"TotalCodeSize": len(package), "FunctionCount": 1}


def test_what_is_not_built_is_refused_by_name(client: Any) -> None:
    create(client, "unbuilt", CODE)
    answer = refused(client.list_durable_executions_by_function, FunctionName="unbuilt")
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert answer["Error"]["Message"] == "Lambent does not implement lambda.ListDurableExecutionsByFunction"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501


def arn(name: str) -> str:
    """The ARN of a function of the tests' own account."""
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
