from __future__ import annotations

import pytest

from lambent.wire.origins import is_of_this_machine


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "null",
        "",
        "http://[",
        "x",
    ],
)
def test_pages_from_elsewhere_are_not_of_this_machine(origin: str) -> None:
    assert not is_of_this_machine(origin)


@pytest.mark.parametrize(
    "origin", [None, "http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080", "http://x.lambda-url.localhost"]
)
def test_what_is_no_pages_or_one_of_this_machine_is(origin: str | None) -> None:
    assert is_of_this_machine(origin)
