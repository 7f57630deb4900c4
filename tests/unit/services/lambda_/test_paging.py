from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.lambda_ import paging

KEYS = st.lists(st.text("abcäß-_$", min_size=1), unique=True, max_size=120).map(sorted)


@pytest.mark.parametrize("marker", ["!", "ä", "gA==", "YQpi"])
def test_a_marker_that_was_never_given_is_refused(marker: str) -> None:
    with pytest.raises(AwsError, match="Invalid marker"):
        paging.after({"Marker": marker})


@given(keys=KEYS, most=st.one_of(st.none(), st.integers(1, 10_000)))
def test_pages_together_are_all_there_is_and_none_is_too_large(keys: list[str], most: int | None) -> None:
    params: dict[str, Any] = {} if most is None else {"MaxItems": most}
    found: list[str] = []
    while True:
        (after,) = paging.after(params)
        count = paging.size(params)
        page, more = paging.cut([key for key in keys if key > after][: count + 1], params, lambda key: [key])
        assert len(page) <= min(most or 50, 50)
        found += page
        if not more:
            break
        params["Marker"] = more["NextMarker"]
    assert found == keys


@given(name=st.text("ab-"), version=st.text("0123"))
def test_a_key_of_two_parts_comes_back_as_it_was(name: str, version: str) -> None:
    _, more = paging.cut([1, 2], {"MaxItems": 1}, lambda _: [name, version])
    assert paging.after({"Marker": more["NextMarker"]}, 2) == [name, version]
