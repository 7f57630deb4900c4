"""What is set for functions beside their configuration: recursion, runtime management, code signing, scaling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from system.harness import ROLE, RUNTIME, create, refused, settle, zipped
from system.lambda_.answers import NOT_ABOUT_VERSIONS, A, code, error

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

PUBLISHER = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/test"
UNKNOWN = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000"
MISSING = f"Function not found: {A}doesnotexist"
NO_CONFIG = (404, "ResourceNotFoundException", f"The Lambda code signing configuration {UNKNOWN} can not be found.")
NO_CONFIG_FOR_IT = (
    404,
    "CodeSigningConfigNotFoundException",
    f"The code signing configuration cannot be found. Check that the provided configuration is not deleted: {UNKNOWN}.",
)


# --- recursion


def test_a_loop_is_allowed_or_ended(client: Any, server: Server) -> None:
    create(client, "loops", code("a"))
    assert client.get_function_recursion_config(FunctionName="loops")["RecursiveLoop"] == "Terminate"
    answer = refused(
        server.client(checks=False).put_function_recursion_config, FunctionName="loops", RecursiveLoop="InvalidValue"
    )
    message = (
        "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Terminate, Allow]"
    )
    assert error(answer) == (400, "ValidationException", message)
    for wanted in ("Allow", "Terminate", "Allow"):
        put = client.put_function_recursion_config(FunctionName="loops", RecursiveLoop=wanted)
        assert put["RecursiveLoop"] == wanted
        assert client.get_function_recursion_config(FunctionName="loops")["RecursiveLoop"] == wanted
    for call, params in (
        (client.get_function_recursion_config, {}),
        (client.put_function_recursion_config, {"RecursiveLoop": "Allow"}),
    ):
        assert error(refused(call, FunctionName="doesnotexist", **params))[2] == MISSING
    client.delete_function(FunctionName="loops")
    create(client, "loops", code("a"))
    assert client.get_function_recursion_config(FunctionName="loops")["RecursiveLoop"] == "Terminate"


# --- runtime management


def test_when_a_runtime_is_updated_is_kept_for_each_qualifier(client: Any) -> None:
    create(client, "managed", code("a"), Publish=True)
    put, get = client.put_runtime_management_config, client.get_runtime_management_config
    found = get(FunctionName="managed")
    assert (found["UpdateRuntimeOn"], found["FunctionArn"]) == ("Auto", f"{A}managed:$LATEST")
    assert put(FunctionName="managed", UpdateRuntimeOn="FunctionUpdate")["UpdateRuntimeOn"] == "FunctionUpdate"
    assert get(FunctionName="managed", Qualifier="1")["UpdateRuntimeOn"] == "Auto"
    there = client.get_function_configuration(FunctionName="managed")["RuntimeVersionConfig"]["RuntimeVersionArn"]
    answer = put(FunctionName="managed", Qualifier="1", UpdateRuntimeOn="Manual", RuntimeVersionArn=there)
    assert (answer["RuntimeVersionArn"], answer["FunctionArn"]) == (there, f"{A}managed:1")
    assert get(FunctionName="managed:1")["RuntimeVersionArn"] == there
    assert get(FunctionName="managed")["UpdateRuntimeOn"] == "FunctionUpdate"


def test_a_runtime_that_is_not_there_is_not_promised(client: Any) -> None:
    create(client, "unmanaged", code("a"))
    put = client.put_runtime_management_config
    other = f"arn:aws:lambda:us-east-1::runtime:{'0' * 64}"
    for params in (
        {"UpdateRuntimeOn": "Manual"},
        {"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": other},
        {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": other},
    ):
        assert error(refused(put, FunctionName="unmanaged", **params))[:2] == (400, "InvalidParameterValueException")
    assert client.get_runtime_management_config(FunctionName="unmanaged")["UpdateRuntimeOn"] == "Auto"
    assert error(refused(client.get_runtime_management_config, FunctionName="doesnotexist"))[2] == MISSING


# --- scaling


def test_what_has_no_managed_instances_has_no_scaling(client: Any) -> None:
    create(client, "scaled", code("a"), Publish=True)
    named = {"FunctionName": "scaled", "Qualifier": "1"}
    assert client.get_function_scaling_config(**named)["FunctionArn"] == f"{A}scaled:1"
    answer = refused(client.put_function_scaling_config, **named, FunctionScalingConfig={"MinExecutionEnvironments": 1})
    assert error(answer)[1:] == (
        "NotImplementedException",
        "Lambent does not implement scaling of managed instances (FunctionScalingConfig)",
    )
    assert client.put_function_scaling_config(**named)["FunctionState"] == "Active"


# --- code signing


def config(client: Any, untrusted: str = "Warn", **params: Any) -> str:
    """The ARN of a new configuration."""
    made = client.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [PUBLISHER]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": untrusted},
        **params,
    )
    arn: str = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    return arn


def test_a_code_signing_configuration_that_does_not_exist_is_named(client: Any) -> None:
    create(client, "signed", code("a"))
    for call in (
        client.get_code_signing_config,
        client.update_code_signing_config,
        client.delete_code_signing_config,
        client.list_functions_by_code_signing_config,
    ):
        answer = refused(call, CodeSigningConfigArn=UNKNOWN)
        assert error(answer) == NO_CONFIG
        assert ("Type" in answer, answer["Message"]) == (False, NO_CONFIG[2])
    for name in ("signed", "doesnotexist"):
        answer = refused(client.put_function_code_signing_config, FunctionName=name, CodeSigningConfigArn=UNKNOWN)
        assert (error(answer), answer["Type"]) == (NO_CONFIG_FOR_IT, "User")


def test_a_function_that_does_not_exist_has_no_code_signing(client: Any) -> None:
    arn = config(client)
    for call, params in (
        (client.put_function_code_signing_config, {"CodeSigningConfigArn": arn}),
        (client.get_function_code_signing_config, {}),
        (client.delete_function_code_signing_config, {}),
    ):
        assert error(refused(call, FunctionName="doesnotexist", **params)) == (
            404,
            "ResourceNotFoundException",
            MISSING,
        )
    create(client, "part", code("a"), Publish=True)
    answer = refused(client.get_function_code_signing_config, FunctionName="part:1")
    assert error(answer)[2] == NOT_ABOUT_VERSIONS


def test_a_code_signing_configuration_is_made_changed_and_deleted(client: Any) -> None:
    made = client.create_code_signing_config(
        Description="d", AllowedPublishers={"SigningProfileVersionArns": [PUBLISHER]}
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    found = made["CodeSigningConfig"]
    arn = found["CodeSigningConfigArn"]
    assert re.fullmatch(r"csc-[a-z0-9]{17}", found["CodeSigningConfigId"])
    assert arn == f"arn:aws:lambda:us-east-1:000000000000:code-signing-config:{found['CodeSigningConfigId']}"
    assert found["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    assert client.update_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"] == found
    changed = client.update_code_signing_config(
        CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}
    )["CodeSigningConfig"]
    assert changed["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    assert (changed["Description"], changed["AllowedPublishers"]) == ("d", found["AllowedPublishers"])
    assert client.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"] == changed
    pages = client.get_paginator("list_code_signing_configs").paginate(PaginationConfig={"PageSize": 1})
    listed = [one for page in pages for one in page["CodeSigningConfigs"]]
    assert changed in listed
    client.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert error(refused(client.get_code_signing_config, CodeSigningConfigArn=arn))[0] == 404


def test_a_configuration_that_a_function_has_is_not_deleted(client: Any) -> None:
    arn = config(client)
    create(client, "has", code("a"))
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == []
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName="has")
    client.delete_function_code_signing_config(FunctionName="has")
    answer = client.put_function_code_signing_config(FunctionName="has", CodeSigningConfigArn=arn)
    assert (answer["CodeSigningConfigArn"], answer["FunctionName"]) == (arn, "has")
    found = client.get_function_code_signing_config(FunctionName=f"{A}has")
    assert (found["CodeSigningConfigArn"], found["FunctionName"]) == (arn, "has")
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == [f"{A}has"]
    assert error(refused(client.delete_code_signing_config, CodeSigningConfigArn=arn))[:2] == (
        409,
        "ResourceConflictException",
    )
    client.delete_function(FunctionName="has")
    client.delete_code_signing_config(CodeSigningConfigArn=arn)


def test_a_package_without_a_signature_is_not_deployed_where_that_is_enforced(client: Any) -> None:
    new = {"Runtime": RUNTIME, "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": zipped(code("a"))}}
    enforced, warned = config(client, "Enforce"), config(client, "Warn")
    unsigned = (
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is "
        "not configured to accept. Check the provided signature for unsigned."
    )

    answer = refused(client.create_function, FunctionName="unsigned", CodeSigningConfigArn=enforced, **new)
    assert error(answer) == (400, "CodeVerificationFailedException", unsigned)
    answer = refused(client.create_function, FunctionName="unsigned", CodeSigningConfigArn=UNKNOWN, **new)
    assert error(answer) == NO_CONFIG_FOR_IT
    assert error(refused(client.get_function, FunctionName="unsigned"))[0] == 404

    client.create_function(FunctionName="unsigned", CodeSigningConfigArn=warned, **new)
    settle(client, "unsigned")
    assert client.get_function_code_signing_config(FunctionName="unsigned")["CodeSigningConfigArn"] == warned
    client.put_function_code_signing_config(FunctionName="unsigned", CodeSigningConfigArn=enforced)
    answer = refused(client.update_function_code, FunctionName="unsigned", ZipFile=zipped(code("b")))
    assert error(answer) == (400, "CodeVerificationFailedException", unsigned)
    client.delete_function_code_signing_config(FunctionName="unsigned")
    client.update_function_code(FunctionName="unsigned", ZipFile=zipped(code("b")))


def test_code_signing_configurations_have_tags(client: Any) -> None:
    arn = config(client, Tags={"a": "1", "b": "2"})
    client.tag_resource(Resource=arn, Tags={"b": "3"})
    client.untag_resource(Resource=arn, TagKeys=["a", "absent"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "3"}
    answer = refused(client.list_tags, Resource=UNKNOWN)
    assert error(answer)[:2] == (404, "ResourceNotFoundException")
    client.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert error(refused(client.list_tags, Resource=arn))[0] == 404


@pytest.mark.parametrize("qualifier", ["1", "live", "$LATEST"])
def test_versions_and_aliases_have_no_tags(client: Any, qualifier: str) -> None:
    name = f"tagged-{qualifier.strip('$')}"
    create(client, name, code("a"), Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    message = "Tags on function aliases and versions are not supported. Please specify a function ARN."
    for call, params in (
        (client.tag_resource, {"Tags": {"a": "1"}}),
        (client.untag_resource, {"TagKeys": ["a"]}),
        (client.list_tags, {}),
    ):
        answer = refused(call, Resource=f"{A}{name}:{qualifier}", **params)
        assert error(answer) == (400, "InvalidParameterValueException", message)


def test_all_of_it_survives_the_server(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    create(client, "f", code("a"))
    arn = config(client, Tags={"a": "1"})
    client.put_function_code_signing_config(FunctionName="f", CodeSigningConfigArn=arn)
    client.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")
    client.put_runtime_management_config(FunctionName="f", UpdateRuntimeOn="FunctionUpdate")
    server.kill()
    server.restart()
    client = server.client()
    assert client.get_function_code_signing_config(FunctionName="f")["CodeSigningConfigArn"] == arn
    assert client.list_tags(Resource=arn)["Tags"] == {"a": "1"}
    assert client.get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Allow"
    assert client.get_runtime_management_config(FunctionName="f")["UpdateRuntimeOn"] == "FunctionUpdate"
