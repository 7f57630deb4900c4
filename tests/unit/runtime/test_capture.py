from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime.capture import EVENT_BYTES, TAIL_BYTES, Splitter, Tail, new_marker
from lambent.runtime.guest.frames import RECORD, RECORD_PIECE

MARKER = b"0123456789abcdef"
TEXT = st.text(st.sampled_from("ab\n\r ü€😀"), max_size=30)


def record(text: str, piece: int = RECORD_PIECE) -> bytes:
    """A record as the guest writes it."""
    data = text.encode()
    pieces = [data[at : at + piece] for at in range(0, len(data) or 1, piece)]
    return b"".join(MARKER + RECORD.pack(number + 1 < len(pieces), len(one)) + one for number, one in enumerate(pieces))


def fed(data: bytes, cuts: list[int]) -> list[str]:
    """The events of bytes that arrive in parts."""
    splitter = Splitter(MARKER)
    events: list[str] = []
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(places):
        events.extend(splitter.feed(data[start:end]))
    events.extend(splitter.flush())
    assert not splitter.pending
    return events


def lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


@given(TEXT, st.lists(st.integers(0, 200)))
def test_text_becomes_lines_however_it_arrives(text: str, cuts: list[int]) -> None:
    assert fed(text.encode(), cuts) == lines(text)


@given(st.lists(st.tuples(st.booleans(), TEXT), max_size=8), st.integers(1, 40), st.lists(st.integers(0, 2000)))
def test_records_stay_whole_between_lines_however_they_arrive(
    parts: list[tuple[bool, str]], piece: int, cuts: list[int]
) -> None:
    data = b"".join(record(text, piece) if whole else text.encode() for whole, text in parts)
    expected: list[str] = []
    plain = ""
    for whole, text in parts:
        if whole:
            expected += [*lines(plain), text]
            plain = ""
        else:
            plain += text
    assert fed(data, cuts) == [event for event in [*expected, *lines(plain)] if event] or "" in expected


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_noise_loses_nothing_but_what_is_no_text(noise: bytes, cuts: list[int]) -> None:
    assert "".join(fed(noise, cuts)).count("\n") == noise.count(b"\n")


def test_a_line_that_never_ends_is_cut_between_characters() -> None:
    splitter = Splitter(MARKER)
    events: list[str] = []
    for _ in range(20):
        events.extend(splitter.feed("ü€".encode() * 10_000))
    events.extend(splitter.flush())
    assert "".join(events) == "ü€" * 200_000
    assert len(events) > 3
    assert all(len(event.encode()) <= EVENT_BYTES for event in events)


def test_a_marker_that_arrives_in_two_parts_behind_a_long_line_is_found() -> None:
    splitter = Splitter(MARKER)
    data = b"x" * EVENT_BYTES + record("whole")
    for cut in range(1, len(MARKER) + 2):
        events = [*splitter.feed(data[: EVENT_BYTES + cut]), *splitter.feed(data[EVENT_BYTES + cut :])]
        assert events[-1] == "whole"
        assert "".join(events[:-1]) == "x" * EVENT_BYTES


def test_what_waits_is_bounded() -> None:
    splitter = Splitter(MARKER)
    for _ in range(100):
        splitter.feed(b"x" * 65_536)
    assert sum(map(len, splitter.flush())) <= EVENT_BYTES + len(MARKER)


def test_a_record_without_end_is_cut() -> None:
    splitter = Splitter(MARKER)
    events: list[str] = []
    for _ in range(100):
        events.extend(splitter.feed(MARKER + RECORD.pack(1, 4000) + b"x" * 4000))
    assert len(events) == 1
    assert len(events[0]) == EVENT_BYTES


def test_a_marker_has_no_line_feed_and_is_new_each_time() -> None:
    markers = {new_marker() for _ in range(100)}
    assert len(markers) == 100
    assert all(len(marker) == len(MARKER) and b"\n" not in marker for marker in markers)


@given(st.lists(st.lists(st.text(max_size=300), max_size=20), max_size=20))
def test_the_tail_is_the_end_of_everything(batches: list[list[str]]) -> None:
    tail = Tail()
    for events in batches:
        tail.add(events)
    everything = "".join(text for events in batches for text in events).encode("utf-8", "replace")
    found = tail.take()
    assert everything.endswith(found)
    assert len(found) <= TAIL_BYTES
    assert len(found) > TAIL_BYTES - 4 or found == everything
    found.decode()
    assert tail.take() == b""


def test_lines_that_are_not_wanted_are_dropped_and_records_never_are() -> None:
    splitter = Splitter(MARKER, lambda line: not line.startswith("a"))
    assert splitter.feed(b"a1\nb1\n" + record("a2") + b"a3") == ["b1\n", "a2"]
    assert splitter.flush() == []
