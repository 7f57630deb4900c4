from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.iam.paging import after, page

KEYS = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=6)


@given(items=st.sets(KEYS, max_size=30), most=st.integers(1, 12))
def test_pages_together_are_everything_in_order(items: set[str], most: int) -> None:
    seen: list[str] = []
    params: dict[str, Any] = {"MaxItems": most}
    while True:
        shown, more = page(items, str, params)
        assert len(shown) <= most
        seen += shown
        if not more["IsTruncated"]:
            break
        params["Marker"] = more["Marker"]
    assert seen == sorted(items)


@given(st.sets(KEYS, min_size=2, max_size=30), st.data())
def test_what_goes_between_two_pages_hides_nothing_else(items: set[str], data: st.DataObject) -> None:
    shown, more = page(items, str, {"MaxItems": len(items) - 1})
    gone = data.draw(st.sampled_from(sorted(shown)))
    rest, _ = page(items - {gone}, str, {"Marker": more["Marker"]})
    assert [*shown, *rest] == sorted(items)


@given(st.text(max_size=40))
def test_whatever_comes_as_a_marker_is_read_or_refused(marker: str) -> None:
    try:
        after({"Marker": marker})
    except AwsError as refusal:
        assert refusal.code == "ValidationError"  # noqa: PT017  either is fine, but nothing else
