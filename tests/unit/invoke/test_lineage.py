from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.invoke.lineage import MOST, entered, is_loop, mark

F, G = (f"arn:aws:lambda:us-east-1:000000000000:function:{name}" for name in "fg")


def test_the_seventeenth_call_in_a_chain_is_a_loop() -> None:
    header = "Root=1-0;Sampled=0"
    for _ in range(MOST):
        header = entered(header, F)
        assert not is_loop(header, F)
    assert is_loop(entered(header, F), F)


def test_functions_between_do_not_hide_a_loop() -> None:
    header = "Root=1-0"
    for _ in range(MOST + 1):
        header = entered(entered(header, F), G)
    assert is_loop(header, F)
    assert is_loop(header, G)


def test_the_rest_of_the_header_stays() -> None:
    assert entered("Root=1-0;Parent=1;Sampled=1", F) == f"Root=1-0;Parent=1;Sampled=1;Lineage=1:{mark(F)}:0"
    assert entered("", F) == f"Lineage=1:{mark(F)}:0"


@pytest.mark.parametrize("header", [None, "", "Root=1-0", "Lineage=", "Lineage=1:x", "Lineage=1::9", "Lineage=1:a:-1"])
def test_what_says_nothing_is_no_loop(header: str | None) -> None:
    assert not is_loop(header, F)


@given(st.text(), st.lists(st.text(max_size=8), max_size=50))
def test_any_header_can_be_gone_on_with_and_stays_bounded(header: str, functions: list[str]) -> None:
    for name in functions:
        header = entered(header, name)
    assert not is_loop(header, "another")
    assert header.rpartition("Lineage=")[2].count("|") < 32
