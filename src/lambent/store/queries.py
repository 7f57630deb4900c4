"""SQL kept as SQL: files of named statements beside what they serve."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


@cache
def load_queries(package: str, file: str) -> Mapping[str, str]:
    """The statements of a file by the names in their `-- name: x` lines.

    Raises ValueError for a name that comes twice, or text before the first.
    """
    text = files(package).joinpath(file).read_text("utf-8")
    before, *parts = _NAME.split(text)
    if before.strip():
        raise ValueError(f"{package}/{file}: there is text before the first name")
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{package}/{file}: a name comes twice")
    return MappingProxyType({name: _statement(body) for name, body in zip(names, parts[1::2], strict=True)})


def _statement(body: str) -> str:
    """Without comment lines, so that what is cached by text stays short."""
    lines = [line for line in body.strip().splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines)
