"""How much a pattern may ask for, where a dialect has limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.patterns.problems import InvalidPattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.patterns.dialect import Dialect


def check_complexity(pattern: Mapping[str, Any], dialect: Dialect) -> None:
    """Raises InvalidPattern for more than the dialect allows; asked once everything else is in order."""
    if dialect.most_keys is not None and len(pattern) > dialect.most_keys:
        raise InvalidPattern(f"Filter policy can not have more than {dialect.most_keys} keys")
    if dialect.most_combinations is not None and combinations(pattern) > dialect.most_combinations:
        raise InvalidPattern("Filter policy is too complex")


def combinations(pattern: Mapping[str, Any], level: int = 1, so_far: int = 1) -> int:
    """The product of all leaves' numbers of values, each times its level; alternatives of `$or` are added up."""
    for name, value in pattern.items():
        if isinstance(value, dict):
            so_far = combinations(value, level + 1, so_far)
        elif name == "$or" and all(isinstance(one, dict) for one in value):
            so_far = sum(combinations(one, level, so_far) for one in value)
        else:
            so_far *= len(value) * level
    return so_far
