"""Imports point one way: what each part of Lambent may import, held by reading every module."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import lambent

ROOT = Path(lambent.__file__).parent
SMALL = {f"lambent.{file.stem}" for file in ROOT.glob("*.py")} - {"lambent.__init__", "lambent.server"}
"""Single modules that everybody may import, and that import nothing of Lambent, `call` excepted."""
BOTTOM = SMALL | {"lambent"}
SERVICES = {f"lambent.services.{folder.name}" for folder in (ROOT / "services").iterdir() if any(folder.glob("*.py"))}

# From each part to the parts that it may import beside itself. A module belongs to the longest name that fits.
MAY_IMPORT: dict[str, set[str]] = {
    "lambent": set(),
    **{name: set() for name in SMALL},
    "lambent.call": {"lambent.errors"},
    "lambent.store": BOTTOM,
    "lambent.wire": BOTTOM,
    "lambent.runtime": BOTTOM | {"lambent.runtime.guest"},
    "lambent.runtime.guest": set(),
    "lambent.invoke": BOTTOM | {"lambent.delivery", "lambent.runtime", "lambent.store"},
    "lambent.delivery": BOTTOM | {"lambent.store"},
    "lambent.patterns": {"lambent.errors"},
    "lambent.services": set(),
    **{
        name: BOTTOM | {"lambent.delivery", "lambent.invoke", "lambent.patterns", "lambent.runtime", "lambent.store"}
        for name in SERVICES
    },
    "lambent.admin": BOTTOM | SERVICES | {"lambent.store"},
    "lambent.server": BOTTOM
    | SERVICES
    | {"lambent.admin", "lambent.delivery", "lambent.invoke", "lambent.runtime", "lambent.store", "lambent.wire"},
    "lambent.cli": BOTTOM | SERVICES | {"lambent.server", "lambent.runtime"},
}


class Import(NamedTuple):
    """One imported module."""

    importer: str
    imported: str
    line: int
    at_start: bool
    """Whether it happens when the importer is imported: not in a function, and not for types alone."""


def test_every_module_belongs_to_a_part() -> None:
    """A new package has to be given its place before anything else."""
    packages = {".".join(name.split(".")[:2]) for name in modules()}
    assert packages <= MAY_IMPORT.keys()


def test_imports_point_downwards_only() -> None:
    wrong = [
        f"{one.importer}:{one.line} imports {one.imported}"
        for one in imports()
        if is_ours(one.imported)
        and part_of(one.imported) != part_of(one.importer)
        and part_of(one.imported) not in MAY_IMPORT[part_of(one.importer)]
    ]
    assert wrong == []


def test_the_table_itself_has_no_way_back_up() -> None:
    for part in MAY_IMPORT:
        assert part not in reachable(part, MAY_IMPORT)


def test_services_never_import_each_other() -> None:
    assert len(SERVICES) > 1
    for service in SERVICES:
        assert not SERVICES & reachable(service, MAY_IMPORT)


def test_nothing_imports_the_command_line_and_only_it_the_server() -> None:
    importers = {part: {one for one, allowed in MAY_IMPORT.items() if part in allowed} for part in MAY_IMPORT}
    assert importers["lambent.cli"] == set()
    assert importers["lambent.server"] == {"lambent.cli"}


def test_the_wire_knows_no_service_and_the_runtime_no_store() -> None:
    assert reachable("lambent.wire", MAY_IMPORT) <= BOTTOM
    assert "lambent.store" not in reachable("lambent.runtime", MAY_IMPORT)


def test_guests_need_nothing_but_python() -> None:
    """A function's interpreter may have nothing installed, and must not see the server's code."""
    strangers = [
        f"{one.importer}:{one.line} imports {one.imported}"
        for one in imports()
        if part_of(one.importer) == "lambent.runtime.guest"
        and not one.imported.startswith("lambent.runtime.guest")
        and one.imported.split(".")[0] not in sys.stdlib_module_names
    ]
    assert strangers == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for one in imports():
        if one.at_start and one.imported in graph and one.imported != one.importer:
            graph[one.importer].add(one.imported)
    assert sorted(name for name in graph if name in reachable(name, graph)) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import lambent.store", {"lambent.store"}),
        ("from lambent import store", {"lambent.store"}),
        ("from lambent.store import Store", {"lambent.store"}),
        ("from lambent.store.errors import StoreError", {"lambent.store.errors"}),
        ("from .b import x", {"lambent.wire.b"}),
        ("from . import auth", {"lambent.wire.auth"}),
        ("def f():\n    import lambent.cli.main", {"lambent.cli.main"}),
    ],
)
def test_every_form_of_import_is_seen(code: str, found: set[str]) -> None:
    assert {one.imported for one in imports_of("lambent.wire.a", code)} == found


@cache
def modules() -> dict[str, Path]:
    """Every module of Lambent by its name; a package goes by its own."""
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        parts = ("lambent", *file.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def imports() -> list[Import]:
    """Every import of every module."""
    return [
        one
        for name, file in modules().items()
        for one in imports_of(name, file.read_text("utf-8"), package=file.name == "__init__.py")
    ]


def imports_of(name: str, code: str, *, package: bool = False) -> list[Import]:
    """The imports in a module's code, wherever they stand."""
    tree = ast.parse(code)
    later = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or for_types(node)
        for inner in ast.walk(node)
    }
    here = name.split(".") if package else name.split(".")[:-1]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*above, *(node.module or "").split(".")]).rstrip(".")
            # `from package import module` imports the module; `from module import name` the module that has the name.
            targets = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names]
            if node.level and not node.module:
                targets = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found += [Import(name, target, node.lineno, node not in later) for target in dict.fromkeys(targets)]
    return found


def for_types(node: ast.AST) -> bool:
    """Whether this is the block that only type checkers read."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def part_of(module: str) -> str:
    """The part that a module belongs to."""
    while module not in MAY_IMPORT:
        module = module.rpartition(".")[0]
    return module


def is_ours(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] == "lambent"


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Everything that can be come to from `start`; `start` itself only by a circle."""
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph[name])
    return found
