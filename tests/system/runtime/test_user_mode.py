"""Isolation without root: by a user namespace, in a server that runs as nobody in particular."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from system.runtime.processes import descendants, wait_until_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[2]
NOBODY = 65534


def interpreter() -> str:
    """One of this version that others than root can start: an installation in root's home is none."""
    if os.geteuid() != 0:
        return sys.executable
    for folder in ("/usr/bin", "/usr/local/bin"):
        path = Path(folder, f"python3.{sys.version_info.minor}")
        if path.exists():
            return str(path)
    pytest.skip("no interpreter of this version that a user other than root can start")


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that nobody can use; pytest's own are for root alone."""
    path = Path(tempfile.mkdtemp(prefix="lambent-test-"))
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_a_server_without_root_runs_functions_and_leaves_no_process(folder: Path, isolation: str) -> None:
    libraries = [path for path in sys.path if "site-packages" in path or path.startswith(str(TESTS.parent))]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": os.pathsep.join(libraries)}
    as_nobody: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    command = [interpreter(), "-B", str(TESTS / "system/runtime/server.py"), str(folder / "run"), isolation]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, cwd=folder, text=True, **as_nobody) as server:
        assert server.stdout is not None
        facts = json.loads(server.stdout.readline())
        assert facts["results"] == [0, 1, 2]
        assert set(facts["others"]) == {2}
        if isolation == "auto":
            assert facts["mode"] == "user" or any("no namespaces" in reason for reason in facts["reasons"]), facts
        else:
            assert facts["mode"] == "plain"
        processes = descendants(server.pid)
        server.kill()
        server.wait()
        wait_until_gone(processes)
