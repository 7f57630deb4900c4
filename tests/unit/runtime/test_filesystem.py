from __future__ import annotations

from pathlib import Path

import pytest

from lambent.runtime.filesystem import extra_prefix, program
from lambent.runtime.interpreters import Choice, Interpreter
from lambent.runtime.nodes import Node

PYTHON = Interpreter(Path("/usr/bin/python3"), (3, 11, 0), Path("/usr"))


def on_node(path: str) -> Choice:
    return Choice(PYTHON, exact=True, kind="node", node=Node(Path(path), (20, 0, 0)))


@pytest.mark.parametrize("path", ["/usr/bin/node", "/usr/local/bin/node", "/bin/node"])
def test_a_node_of_the_system_is_where_it_is(path: str) -> None:
    assert extra_prefix(on_node(path)) is None
    assert program(on_node(path), plain=False) == path


@pytest.mark.parametrize("prefix", ["/home/u/.nvm/versions/node/v20.0.0", "/opt/node", "/tmp/node"])
def test_a_node_of_a_user_is_where_lambda_has_it(prefix: str) -> None:
    choice = on_node(f"{prefix}/bin/node")
    assert extra_prefix(choice) == Path(prefix)
    assert program(choice, plain=False) == "/var/lang/bin/node"
    assert program(choice, plain=True) == f"{prefix}/bin/node"


def test_other_runtimes_need_no_program() -> None:
    for kind in ("python", "provided"):
        choice = Choice(PYTHON, exact=True, kind=kind)
        assert (extra_prefix(choice), program(choice, plain=False)) == (None, None)
