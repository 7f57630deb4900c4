from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.wire.reading import Disconnected, read_body, read_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambent.wire.reading import Receive


def sending(parts: Iterable[bytes], *, leaves: bool = False) -> Receive:
    """A client that sends these parts, and then, if it `leaves`, is gone instead of done."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if leaves:
        messages.append({"type": "http.disconnect"})
    elif messages:
        messages[-1]["more_body"] = False
    else:
        messages = [{"type": "http.request", "body": b"", "more_body": False}]
    queue = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(queue)

    return receive


@given(st.lists(st.binary(max_size=20), max_size=8))
async def test_a_body_is_what_was_sent(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    assert await read_body(sending(parts), len(whole), framed=False) == whole


@pytest.mark.parametrize("parts", [[b"12345"], [b"123", b"45"], [b"1", b"2", b"3", b"4", b"5"]])
async def test_a_body_over_its_limit_is_read_to_its_end_and_is_none(parts: list[bytes]) -> None:
    receive = sending(parts)
    assert await read_body(receive, 4, framed=False) is None
    with pytest.raises((StopIteration, RuntimeError)):
        await receive()


async def test_framing_may_make_a_body_longer_than_its_limit() -> None:
    assert await read_body(sending([b"12345"]), 4, framed=True) == b"12345"


@pytest.mark.parametrize("parts", [[], [b"half"]])
async def test_a_client_that_leaves_asked_for_nothing(parts: list[bytes]) -> None:
    with pytest.raises(Disconnected):
        await read_body(sending(parts, leaves=True), 100, framed=False)


def test_repeated_headers_are_joined() -> None:
    raw = [(b"a", b"1"), (b"b", b"\xe9"), (b"a", b"2"), (b"c", b"")]
    assert read_headers(raw) == {"a": "1,2", "b": "é", "c": ""}
    assert read_headers(raw[1:]) == {"b": "é", "a": "2", "c": ""}
    assert read_headers([]) == {}
