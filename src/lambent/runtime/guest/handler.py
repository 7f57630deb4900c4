"""Finds a function's handler, and keeps what the zygote has loaded out of the function's way."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def load(name: str, shown_path: Callable[[str], str]) -> Callable[[Any, Any], Any]:
    """The handler that a configuration names, e.g. `app.handler` or `src/app.handler`.

    shown_path: a file's path as functions see it.
    Raises Fault where there is none, and whatever the function's module raises while it is imported.
    """
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        text = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", text)
    if module_name.split(".")[0] in sys.builtin_module_names:
        text = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", text)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as problem:
        text = f"Unable to import module '{module_name}': {problem}"
        raise Fault("Runtime.ImportModuleError", text) from problem
    except SyntaxError as problem:
        text = f"Syntax error in module '{module_name}': {problem}"
        file = shown_path(problem.filename or "")
        trace = f'  File "{file}" Line {problem.lineno}\n    {problem.text}'
        raise Fault("Runtime.UserCodeSyntaxError", text, [trace]) from problem
    try:
        handler: Callable[[Any, Any], Any] = getattr(module, function_name)
    except AttributeError:
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", text) from None
    return handler


def search_path(task_root: str, opt_root: str) -> list[str]:
    """Where a function's imports are looked up before the interpreter's own library."""
    major, minor = sys.version_info[:2]
    layer = f"{opt_root}/python/lib/python{major}.{minor}/site-packages"
    return [task_root, layer, f"{opt_root}/python"]


def forget_shadowed(folders: Iterable[str], preloaded: frozenset[str], bundle: frozenset[str]) -> None:
    """Forget modules that the zygote loaded and the function brings its own version of.

    preloaded: top-level names of what was loaded ahead. bundle: packages that belong together, so that a function that
    brings one of them gets fresh copies of all.
    """
    shadowed = _top_level_names(folders) & preloaded
    if shadowed & bundle:
        shadowed |= bundle
    if not shadowed:
        return
    for name in list(sys.modules):
        if name.partition(".")[0] in shadowed:
            del sys.modules[name]


def _top_level_names(folders: Iterable[str]) -> set[str]:
    names: set[str] = set()
    for folder in folders:
        if os.path.isdir(folder):
            names.update(entry.partition(".")[0] for entry in os.listdir(folder))
    return names
