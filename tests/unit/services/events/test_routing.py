from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.events.pattern import compiled
from lambent.services.events.routing import sources_of


@pytest.mark.parametrize(
    ("pattern", "sources"),
    [
        ({"source": ["a", "b"]}, {"a", "b"}),
        ({"source": ["a", {"prefix": "b"}]}, None),
        ({"source": [{"anything-but": "a"}]}, None),
        ({"source": {"x": ["a"]}}, None),
        ({"detail": {"source": ["a"]}}, None),
        ({"$or": [{"source": ["a"]}, {"source": ["b"]}]}, None),
    ],
)
def test_rules_are_sorted_by_the_sources_that_they_name(pattern: dict[str, Any], sources: set[str] | None) -> None:
    assert sources_of(json.dumps(pattern)) == sources


@given(st.lists(st.sampled_from("abc"), min_size=1), st.sampled_from("abcd"))
def test_a_source_that_is_not_named_never_matches(values: list[str], source: str) -> None:
    pattern = json.dumps({"source": values})
    assert compiled(pattern).matches({"source": source}) is (source in (sources_of(pattern) or ()))
