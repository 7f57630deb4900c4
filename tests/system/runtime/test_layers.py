"""Layers as functions see them: one folder at /opt, read-only, importable, on the path."""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from system.runtime.world import zipped

if TYPE_CHECKING:
    from lambent.runtime.spec import FunctionSpec
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")
SITE = f"python/lib/python3.{sys.version_info.minor}/site-packages"
IMPORTS = """
import first, second, third
def handler(event, context):
    return [first.NAME, second.NAME, third.NAME]
"""
LOOKS = """
import os, subprocess
def handler(event, context):
    if event == "ls":
        return sorted(os.listdir("/opt"))
    if event == "write":
        try:
            open("/opt/new", "w")
        except OSError as problem:
            return problem.strerror
    if event == "run":
        return subprocess.run(["tool"], check=True, capture_output=True, text=True).stdout
    if event == "fail":
        import failing
"""


def with_layers(world: World, code: str, *layers: dict[str, Any], **changes: Any) -> FunctionSpec:
    """A function of this code whose layers have these files."""
    spec = world.function(code, **changes)
    keys = []
    for number, files in enumerate(layers):
        keys.append(f"{spec.name}-layer{number}")
        world.packages[keys[-1]] = zipped(files)
    return replace(spec, layers=tuple(keys))


async def test_a_layer_that_cannot_be_had_makes_no_environment(world: World) -> None:
    spec = replace(world.function(LOOKS), layers=("nowhere",))
    with pytest.raises(KeyError):
        await world.call(spec, "ls")


async def test_modules_of_layers_are_imported_and_later_layers_win(world: World) -> None:
    spec = with_layers(
        world,
        IMPORTS,
        {"python/first.py": "NAME = 'old'", "python/second.py": "NAME = 'of the lower layer'"},
        {"python/first.py": "NAME = 'new'", f"{SITE}/third.py": "NAME = 'of site-packages'"},
    )
    assert await world.result(spec) == ["new", "of the lower layer", "of site-packages"]


async def test_the_functions_own_modules_come_before_its_layers(world: World) -> None:
    spec = with_layers(world, "", {"python/m.py": "def handler(e, c): return 'layer'"})
    world.packages[spec.code_key] = zipped({"m.py": "def handler(e, c): return 'own'"})
    assert await world.result(spec) == "own"


async def test_a_layer_may_bring_what_the_runtime_ships_in_another_version(world: World) -> None:
    code = "import boto3\ndef handler(event, context):\n    return boto3.__version__\n"
    spec = with_layers(world, code, {"python/boto3/__init__.py": "__version__ = 'of a layer'"})
    assert await world.result(spec) == "of a layer"


async def test_files_of_a_layer_are_shown_below_opt(world: World) -> None:
    spec = with_layers(world, LOOKS, {"python/failing.py": "raise ValueError('x')\n"})
    error = await world.error(spec, "fail")
    assert any('File "/opt/python/failing.py", line 1' in line for line in error["stackTrace"])


async def test_opt_holds_all_layers_and_nobody_may_write_to_it(confined: World) -> None:
    spec = with_layers(confined, LOOKS, {"bin/a": "", "python/x.py": ""}, {"bin/b": "", "data": ""})
    assert await confined.result(spec, "ls") == ["bin", "data", "python"]
    assert await confined.result(spec, "write") == "Read-only file system"


async def test_a_function_without_layers_has_an_empty_opt(confined: World) -> None:
    assert await confined.result(confined.function(LOOKS), "ls") == []


async def test_programs_of_a_layer_are_on_the_path(world: World) -> None:
    spec = world.function(LOOKS)
    world.packages["tools"] = tool()
    assert await world.result(replace(spec, layers=("tools",)), "run") == "ran\n"


async def test_functions_share_a_layer_and_a_change_leaves_calls_as_they_are(world: World) -> None:
    code = "import shared\ndef handler(event, context):\n    return shared.NAME\n"
    one = with_layers(world, code, {"python/shared.py": "NAME = 1"})
    two = replace(world.function(code), layers=one.layers)
    assert [await world.result(one), await world.result(two)] == [1, 1]
    world.packages["changed"] = zipped({"python/shared.py": "NAME = 2"})
    changed = replace(one, layers=("changed",), generation=2)
    assert [await world.result(changed), await world.result(one), await world.result(two)] == [2, 1, 1]


def tool() -> bytes:
    """A layer with a program."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("bin/tool")
        info.create_system, info.external_attr = 3, 0o100755 << 16
        archive.writestr(info, "#!/bin/sh\necho ran\n")
    return out.getvalue()
