from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.access_keys import account_of, encoded, new_access_key, new_secret, new_unique_id

ACCOUNTS = st.integers(0, 999_999_999_999).map(lambda number: f"{number:012d}")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "test",
        "000000000000",
        "AKIAIOSFODNN7EXAMPLE",  # of the old kind: its first bit is zero
        "AKIA7777777777777777",  # over the highest account
        "AKIAQAAAAAAAAAAAAAA",
        "AKIAQAAAAAAAAAAAAAAAA",
        "AKIAQAAAAAAAAAAAAA01",
        "akiaqaaaaaaaaaaaaaaa",
        "AROAQAAAAAAAAAAAAAAA",
        "AKIAQAAAAAAAAAAAAAAA\n",
    ],
)
def test_a_key_that_says_nothing_of_an_account_has_none(key: str) -> None:
    assert account_of(key) is None


@pytest.mark.parametrize("account", ["", "1", "12345678901x", "1234567890123", "-12345678901"])
def test_no_key_is_made_for_what_is_no_account(account: str) -> None:
    with pytest.raises(ValueError, match="not an account"):
        encoded("AKIA", account, 0)


def test_keys_of_aws_are_read_as_others_have_read_them() -> None:
    assert account_of("ASIAY34FZKBOKMUTVV7A") == "609629065308"


@given(ACCOUNTS, st.integers(0, 2**39 - 1), st.sampled_from(["AKIA", "ASIA"]))
def test_every_key_carries_its_account_whatever_else_it_is(account: str, chance: int, prefix: str) -> None:
    key = encoded(prefix, account, chance)
    assert re.fullmatch(prefix + "[A-Z2-7]{16}", key)
    assert account_of(key) == account


@given(st.text(max_size=24) | st.from_regex(r"A[KS]IA[A-Z2-7]{16}", fullmatch=True))
def test_whatever_a_client_signs_with_is_an_account_or_nothing(key: str) -> None:
    found = account_of(key)
    assert found is None or re.fullmatch("[0-9]{12}", found)


@given(ACCOUNTS)
def test_new_ones_differ(account: str) -> None:
    first, second = new_access_key("AKIA", account), new_access_key("AKIA", account)
    assert first != second
    assert account_of(first) == account_of(second) == account
    assert re.fullmatch("AROA[A-Z2-7]{17}", new_unique_id("AROA", account))
    assert len(new_secret()) == 40
