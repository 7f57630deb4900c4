"""Functions of other versions of Python, on the interpreters that this machine happens to have."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from lambent.runtime.interpreters import RuntimeUnavailable
from system.runtime.world import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE = """
import sys, logging
def handler(event, context):
    print("printed")
    logging.warning("logged")
    if event:
        raise ValueError(event)
    return [sys.version_info[:2], "boto3" in sys.modules]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running(tmp_path_factory.mktemp("others") / "run") as world:
        yield world


@pytest.mark.parametrize("minor", range(8, 15))
async def test_a_runtime_runs_on_its_own_interpreter_or_says_loudly_that_it_does_not(here: World, minor: int) -> None:
    runtime = f"python3.{minor}"
    choice = await here.environments.choose(runtime)
    spec = here.function(CODE, runtime=runtime)

    version, _ = await here.result(spec)

    assert version == list(choice.interpreter.version[:2])
    log = here.log(spec)
    assert log[0].startswith(f"INIT_START Runtime Version: python:{version[0]}.{version[1]}.v")
    if choice.exact:
        assert version == [3, minor]
        assert "WARNING" not in log[0]
    else:
        assert log[0].endswith(
            f"\tWARNING: {runtime} is not on this machine: running on Python {choice.interpreter.text} instead\n"
        )
    error = await here.error(spec, "no")
    assert error["errorMessage"] == "no"
    assert error["stackTrace"] == ['  File "/var/task/m.py", line 7, in handler\n    raise ValueError(event)\n']
    assert ("requestId" in error) == (minor > 8)


async def test_no_function_can_change_what_the_next_zygote_is_made_of(here: World) -> None:
    if here.environments.describe()["isolation"]["level"] == "none":
        pytest.skip("plain processes may change whatever their user can")
    for minor in set(range(8, 15)) - {sys.version_info.minor}:
        runtime = f"python3.{minor}"
        if (await here.environments.choose(runtime)).exact:
            code = "import os\ndef handler(event, context):\n    return os.listdir('/.pycache')\n"
            assert await here.result(here.function(code, runtime=runtime)) == []


async def test_a_strict_server_refuses_what_it_does_not_have(tmp_path: Path) -> None:
    async with running(tmp_path / "run", strict=True) as world:
        assert (await world.environments.choose(f"python3.{sys.version_info.minor}")).exact
        with pytest.raises(RuntimeUnavailable, match=r"python3\.99 is not on this machine; the nearest is Python 3"):
            await world.environments.choose("python3.99")
