"""In what the languages of the services differ."""

from __future__ import annotations

from dataclasses import dataclass

_COMMON = frozenset({"prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """One service's language."""

    operators: frozenset[str]
    anything_but: frozenset[str]
    """Operators that may stand within `anything-but`."""
    affixes_ignore_case: bool
    """Whether `prefix` and `suffix` take `{"equals-ignore-case": …}`."""
    is_nested: bool
    """Whether patterns have objects in objects, and names that are paths (`a.b`)."""
    null_is_absent: bool
    """Whether a null in the pattern is also fulfilled by a key that is not there, and no other null is looked at."""
    most_keys: int | None = None
    most_combinations: int | None = None


EVENTS = Dialect(
    operators=_COMMON | {"wildcard"},
    anything_but=frozenset({"prefix", "suffix", "wildcard", "equals-ignore-case"}),
    affixes_ignore_case=True,
    is_nested=True,
    null_is_absent=False,
)
SNS_ATTRIBUTES = Dialect(
    operators=_COMMON,
    anything_but=frozenset({"prefix"}),
    affixes_ignore_case=False,
    is_nested=False,
    null_is_absent=True,
    most_keys=5,
    most_combinations=150,
)
"""The event is a mapping of attribute names to values: text, numbers, lists for `String.Array`; bytes never match."""
SNS_BODY = Dialect(
    operators=_COMMON,
    anything_but=frozenset({"prefix"}),
    affixes_ignore_case=False,
    is_nested=True,
    null_is_absent=True,
    most_keys=5,
    most_combinations=150,
)
