from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from lambent.errors import AwsError
from lambent.services.lambda_ import repository
from lambent.services.lambda_.record import FunctionKey
from unit.services.lambda_.world import ACCOUNT, REGION, zipped

if TYPE_CHECKING:
    from unit.services.lambda_.world import World

KEY = FunctionKey(ACCOUNT, REGION, "f")


def arn(name: str, version: int = 1) -> str:
    return f"arn:aws:lambda:eu-west-1:111111111111:layer:{name}:{version}"


def large(size_mb: int) -> bytes:
    """A small zip that unpacks to so much."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(size_mb << 20))
    return out.getvalue()


async def publish(world: World, name: str, content: bytes = b"") -> dict[str, Any]:
    data = content or zipped(f"# {name}\n")
    return await world.call("PublishLayerVersion", LayerName=name, Content={"ZipFile": data})


async def update(world: World, **params: Any) -> dict[str, Any]:
    answer = await world.call("UpdateFunctionConfiguration", FunctionName="f", **params)
    await world.activation.settled(KEY)
    return answer


async def refused(world: World, *layers: str) -> str | None:
    """What is said to these layers, of a new function and of an old one."""
    with pytest.raises(AwsError) as first:
        await world.create("g", Layers=list(layers))
    with pytest.raises(AwsError) as second:
        await update(world, Layers=list(layers))
    assert first.value.code == second.value.code == "InvalidParameterValueException"
    assert first.value.message == second.value.message
    return first.value.message


async def test_layers_that_lambda_refuses_are_refused_in_its_words(world: World) -> None:
    await world.create()
    for name in "abcdef":
        await publish(world, name)
    await publish(world, "a")
    assert await refused(world, *map(arn, "abcdef")) == "Cannot reference more than 5 layers."
    for first, second in ((1, 2), (1, 1)):
        assert await refused(world, arn("a", first), arn("a", second), arn("a", 2)) == (
            "Two different versions of the same layer are not allowed to be referenced in the same function. "
            f"{arn('a', first)} and {arn('a', second)} are versions of the same layer."
        )
    assert await refused(world, arn("none")) == f"Layer version {arn('none')} does not exist."
    assert await refused(world, arn("a", 9)) == f"Layer version {arn('a', 9)} does not exist."
    ours = "arn:aws:lambda:::awslayer:AmazonLinux1803"
    assert await refused(world, ours) == f"Layer version {ours} does not exist."
    assert await refused(world, arn("a").replace("eu-west-1", "us-east-1")) == (
        "Layers are not in the same region as the function. Layers are expected to be in region eu-west-1."
    )
    assert "Layers" not in await world.call("GetFunctionConfiguration", FunctionName="f")


async def test_code_and_layers_together_have_a_limit(world: World) -> None:
    await world.create(Code={"ZipFile": large(100)})
    for name in ("a", "b"):
        await publish(world, name, large(130))
    assert await refused(world, arn("a"), arn("b")) == "Layers consume more than the available size of 262144000 bytes"
    await update(world, Layers=[arn("a")])
    with pytest.raises(AwsError) as refusal:
        await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=large(121))
    assert refusal.value.message == (
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. "
        f"The actual size is {251 << 20} bytes."
    )
    await world.call("UpdateFunctionCode", FunctionName="f", ZipFile=large(120))


async def test_a_function_shows_its_layers_and_runs_with_them_in_their_order(world: World) -> None:
    sizes = {name: (await publish(world, name))["Content"]["CodeSize"] for name in "ab"}
    created = await world.create(Layers=[arn("b"), arn("a")])
    expected = [{"Arn": arn("b"), "CodeSize": sizes["b"]}, {"Arn": arn("a"), "CodeSize": sizes["a"]}]
    assert created["Layers"] == expected
    assert (await world.call("GetFunction", FunctionName="f"))["Configuration"]["Layers"] == expected
    assert (await world.call("ListFunctions"))["Functions"][0]["Layers"] == expected
    record = await world.store.read(lambda tx: repository.load(tx, KEY))
    assert record is not None
    assert world.environments.prepared[-1].layers == tuple(layer.blob for layer in record.configuration.layers)


async def test_an_update_keeps_replaces_and_clears_layers(world: World) -> None:
    await publish(world, "a")
    await publish(world, "b")
    await world.create(Layers=[arn("a")])
    assert [layer["Arn"] for layer in (await update(world, Timeout=9))["Layers"]] == [arn("a")]
    assert [layer["Arn"] for layer in (await update(world, Layers=[arn("b")]))["Layers"]] == [arn("b")]
    assert "Layers" not in await update(world, Layers=[])
    assert world.environments.prepared[-1].layers == ()


async def test_a_function_keeps_a_layer_that_was_deleted(world: World) -> None:
    await publish(world, "a")
    await publish(world, "b")
    await world.create(Layers=[arn("a")])
    for name in "ab":
        await world.call("DeleteLayerVersion", LayerName=name, VersionNumber=1)
    assert [layer["Arn"] for layer in (await update(world, Timeout=9))["Layers"]] == [arn("a")]
    assert await refused(world, arn("a")) == f"Layer version {arn('a')} does not exist."
    record = await world.store.read(lambda tx: repository.load(tx, KEY))
    assert record is not None
    await world.store.blobs.sweep(lambda: world.store.read(repository.blobs))
    assert await world.store.blobs.get(record.configuration.layers[0].blob) is not None


async def test_a_published_version_keeps_its_layers(world: World) -> None:
    await publish(world, "a")
    await world.create(Layers=[arn("a")])
    first = await world.call("PublishVersion", FunctionName="f")
    await update(world, Layers=[])
    second = await world.call("PublishVersion", FunctionName="f")
    assert [layer["Arn"] for layer in first["Layers"]] == [arn("a")]
    assert (second["Version"], "Layers" in second) == ("2", False)
    await world.call("DeleteLayerVersion", LayerName="a", VersionNumber=1)
    live = await world.store.read(repository.blobs)
    record = await world.store.read(lambda tx: repository.load(tx, KEY._replace(version="1")))
    assert record is not None
    assert {layer.blob for layer in record.configuration.layers} <= live


async def test_a_zip_is_swept_once_nobody_uses_it(world: World) -> None:
    await publish(world, "a")
    await world.create(Layers=[arn("a")])
    assert await world.store.blobs.sweep(lambda: world.store.read(repository.blobs)) == 0
    await world.call("DeleteLayerVersion", LayerName="a", VersionNumber=1)
    await world.call("DeleteFunction", FunctionName="f")
    assert await world.store.blobs.sweep(lambda: world.store.read(repository.blobs)) == 2
