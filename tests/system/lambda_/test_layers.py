"""Layers through boto3: published, used by functions, kept by those that use them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from system.harness import ROLE, RUNTIME, create, refused, settle, zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from system.harness import Server

CODE = "import shared\ndef handler(event, context):\n    return shared.NAME\n"
PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
    "[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)


def layer(name: str) -> bytes:
    """A layer with a module that knows its name."""
    return zipped(f"NAME = {name!r}\n", "python/shared.py")


def publish(client: Any, name: str, content: bytes | None = None, **more: Any) -> dict[str, Any]:
    data = layer(name) if content is None else content
    answer: dict[str, Any] = client.publish_layer_version(LayerName=name, Content={"ZipFile": data}, **more)
    return answer


def invoke(client: Any, name: str) -> Any:
    return json.loads(client.invoke(FunctionName=name)["Payload"].read())


def test_constraints_are_told_as_recorded(server: Server) -> None:
    client = server.client(checks=False)
    answer = refused(
        client.publish_layer_version,
        LayerName="bad",
        Content={"ZipFile": layer("bad")},
        CompatibleRuntimes=["invalidruntime"],
        CompatibleArchitectures=["invalidarch"],
    )
    runtimes = f"Member must satisfy enum value set: [{RUNTIMES}]"
    elements = "[Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
    architectures = f"Member must satisfy constraint: {elements}"
    place = "'compatibleArchitectures'"
    told = {
        f"Value '[invalidruntime]' at 'compatibleRuntimes' failed to satisfy constraint: {runtimes}",
        f"Value '[invalidarch]' at {place} failed to satisfy constraint: {architectures}",
    }
    assert answer["Error"]["Code"] == "ValidationException"
    start, _, rest = answer["Error"]["Message"].partition(": ")
    assert (start, set(rest.split("; "))) == ("2 validation errors detected", told)
    arn = "arn:aws:lambda:us-east-1:000000000000:layer:x"
    answer = refused(client.get_layer_version_by_arn, Arn=arn)
    assert answer["Error"]["Message"] == (
        f"1 validation error detected: Value '{arn}' at 'arn' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {PATTERN}"
    )


def test_a_layer_of_a_function_is_told_as_recorded(server: Server) -> None:
    client = server.client(checks=False)
    create(client, "references", CODE)
    arn = publish(client, "referenced")["LayerArn"]
    answer = refused(client.update_function_configuration, FunctionName="references", Layers=[arn])
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["Error"]["Message"] == (
        f"1 validation error detected: Value '[{arn}]' at 'layers' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must have length less than or equal to 2048, Member must have length greater than or "
        f"equal to 1, Member must satisfy regular expression pattern: {PATTERN}, Member must not be null]"
    )
    answer = refused(client.update_function_configuration, FunctionName="references", Layers=[f"{arn}:9"])
    assert answer["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": f"Layer version {arn}:9 does not exist.",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    there = server.client(region="eu-west-1")
    elsewhere = publish(there, "referenced")["LayerVersionArn"]
    answer = refused(
        client.create_function,
        FunctionName="nowhere",
        Runtime=RUNTIME,
        Handler="m.handler",
        Role=ROLE,
        Code={"ZipFile": zipped(CODE)},
        Layers=[elsewhere],
    )
    assert answer["Error"]["Message"] == (
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1."
    )


def test_a_layer_in_s3_is_refused_by_name(client: Any) -> None:
    answer = refused(client.publish_layer_version, LayerName="s3", Content={"S3Bucket": "bucket", "S3Key": "key"})
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert "S3" in answer["Error"]["Message"]


def test_deleting_what_is_not_there_succeeds(client: Any) -> None:
    answer = client.delete_layer_version(LayerName="never", VersionNumber=1)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.list_layer_versions(LayerName="never")["LayerVersions"] == []


@pytest.mark.parametrize("version", [0, -1])
def test_no_version_is_less_than_one(client: Any, version: int) -> None:
    for ask in (client.get_layer_version, client.delete_layer_version):
        answer = refused(ask, LayerName="any", VersionNumber=version)
        assert answer["Error"] == {
            "Code": "InvalidParameterValueException",
            "Message": "Layer Version Cannot be less than 1",
        }


def test_the_life_of_a_layer(client: Any) -> None:
    published = publish(client, "life", Description="d", LicenseInfo="MIT", CompatibleRuntimes=[RUNTIME])
    assert published["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert publish(client, "life")["Version"] == 2
    found = client.get_layer_version(LayerName="life", VersionNumber=1)
    with urlopen(found["Content"]["Location"]) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["python/shared.py"]
    versions = client.list_layer_versions(LayerName="life")["LayerVersions"]
    assert [one["Version"] for one in versions] == [2, 1]
    mine = [one for one in client.list_layers()["Layers"] if one["LayerName"] == "life"]
    assert mine[0]["LatestMatchingVersion"]["Version"] == 2
    for version in (1, 2):
        client.delete_layer_version(LayerName="life", VersionNumber=version)
    assert publish(client, "life")["Version"] == 3


def test_a_layers_policy_is_kept_and_shown(client: Any) -> None:
    arn = publish(client, "policy")["LayerVersionArn"]
    named = {"LayerName": "policy", "VersionNumber": 1}
    added = client.add_layer_version_permission(
        StatementId="s1", Action="lambda:GetLayerVersion", Principal="*", **named
    )
    assert json.loads(added["Statement"])["Resource"] == arn
    found = client.get_layer_version_policy(**named)
    assert found["RevisionId"] == added["RevisionId"]
    client.remove_layer_version_permission(StatementId="s1", **named)
    answer = refused(client.get_layer_version_policy, **named)
    assert answer["Error"]["Message"] == "No policy is associated with the given resource."


def test_a_function_runs_with_its_layers_and_changes_them(client: Any) -> None:
    arns = {name: publish(client, name)["LayerVersionArn"] for name in ("lower", "upper")}
    created = create(client, "layered", CODE, Layers=[arns["lower"], arns["upper"]])
    assert created["Layers"] == [{"Arn": arns[name], "CodeSize": len(layer(name))} for name in ("lower", "upper")]
    assert invoke(client, "layered") == "upper"
    client.update_function_configuration(FunctionName="layered", Layers=[arns["upper"], arns["lower"]])
    settle(client, "layered")
    assert invoke(client, "layered") == "lower"
    client.publish_version(FunctionName="layered")
    client.update_function_configuration(FunctionName="layered", Layers=[])
    assert "Layers" not in settle(client, "layered")
    assert invoke(client, "layered")["errorType"] == "Runtime.ImportModuleError"
    assert invoke(client, "layered:1") == "lower"


def test_a_restart_keeps_layers_and_functions_keep_deleted_ones(start: Callable[..., Server]) -> None:
    server = start()
    client = server.client()
    arn = publish(client, "kept")["LayerVersionArn"]
    publish(client, "unused")
    create(client, "keeps", CODE, Layers=[arn])
    client.delete_layer_version(LayerName="kept", VersionNumber=1)
    for _ in range(2):
        server.kill()
        server.restart()
        client = server.client()
        assert invoke(client, "keeps") == "kept"
        assert client.get_function_configuration(FunctionName="keeps")["Layers"][0]["Arn"] == arn
        assert [one["LayerName"] for one in client.list_layers()["Layers"]] == ["unused"]
    assert publish(client, "kept")["Version"] == 2
