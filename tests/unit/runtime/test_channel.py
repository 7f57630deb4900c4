from __future__ import annotations

import asyncio
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventloop import turns
from lambent.runtime.channel import Answer, BrokenFrame, Channel, answer_of, read_header, socket_pair
from lambent.runtime.guest import frames
from lambent.runtime.guest.frames import ERROR, FACTS, HEADER, INIT_ERROR, READY, RESULT


def answer(number: int = 1, body: bytes = b"[]", kind: int = RESULT, more: bytes = b"") -> bytes:
    return frames.encode(kind, FACTS.pack(number, 2.5, 100) + more, body)


class End:
    """The server's end of a channel, and what it was told."""

    def __init__(self) -> None:
        ours, self.theirs = socket_pair()
        self.answers: list[Answer] = []
        self.closed = 0
        self.channel = Channel(ours, self.answers.append, self._lost)

    def _lost(self) -> None:
        self.closed += 1

    async def sent(self, data: bytes) -> None:
        self.theirs.setblocking(False)
        await asyncio.get_running_loop().sock_sendall(self.theirs, data)
        await turns(10)

    def close(self) -> None:
        self.channel.close()
        self.theirs.close()


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 300_000, 6_291_556])
async def test_an_answer_arrives_whole(size: int) -> None:
    end = End()
    body = bytes(size)
    await end.sent(answer(body=body))
    while not end.answers:
        await turns()
    assert end.answers == [Answer(RESULT, 1, 2.5, 100, "", "", body)]
    assert not end.closed
    end.close()


@pytest.mark.parametrize("step", [1, 3, 9, 10, 26])
async def test_an_answer_may_arrive_in_any_parts(step: int) -> None:
    end = End()
    for number in (1, 2):
        data = answer(number)
        for at in range(0, len(data), step):
            await end.sent(data[at : at + step])
    assert [one.number for one in end.answers] == [1, 2]
    end.close()


def test_the_head_of_an_error_tells_its_type_and_what_to_log() -> None:
    head = FACTS.pack(7, 1.0, 5) + frames.error_head("Bad\0Name", "line\nline \0 x")
    assert answer_of(ERROR, head, b"{}") == Answer(ERROR, 7, 1.0, 5, "BadName", "line\nline \0 x", b"{}")


def test_the_head_of_an_error_is_bounded() -> None:
    assert len(frames.error_head("x" * 10_000_000, "ü" * 10_000_000)) < 300_000


@pytest.mark.parametrize(
    "data",
    [
        b"noise" * 10,
        frames.encode(1, FACTS.pack(1, 1.0, 1), b""),
        frames.encode(9, FACTS.pack(1, 1.0, 1), b""),
        frames.encode(RESULT, b"short", b""),
        answer(0),
        answer(1, kind=READY),
        answer(1, kind=INIT_ERROR),
        frames.encode(RESULT, FACTS.pack(1, -1.0, 1), b""),
        frames.encode(RESULT, FACTS.pack(1, float("nan"), 1), b""),
        frames.encode(RESULT, FACTS.pack(1, float("inf"), 1), b""),
        HEADER.pack(RESULT, FACTS.size, frames.MAX_BODY + 1),
        HEADER.pack(RESULT, frames.MAX_HEAD + 1, 0),
        answer() + b"more",
        answer() + answer(),
    ],
)
async def test_what_is_no_answer_closes_the_channel(data: bytes) -> None:
    end = End()
    await end.sent(data)
    assert (end.answers, end.closed) == ([], 1)
    end.channel.send(RESULT, b"", b"nobody listens")
    end.close()
    assert end.closed == 1


async def test_an_end_that_is_gone_is_told_once() -> None:
    end = End()
    end.theirs.close()
    await turns(5)
    assert end.closed == 1
    end.close()
    assert end.closed == 1


async def test_a_channel_that_was_closed_tells_nothing() -> None:
    end = End()
    end.channel.close()
    end.theirs.close()
    await turns(5)
    assert end.closed == 0


async def test_what_arrived_before_the_end_can_still_be_read() -> None:
    end = End()
    end.theirs.send(answer(3))
    end.theirs.close()
    end.channel.drain()
    assert [one.number for one in end.answers] == [3]
    assert end.closed == 1


@pytest.mark.parametrize("size", [0, 65_535, 65_536, 6_291_456])
async def test_a_frame_goes_out_whole_however_slowly_it_is_read(size: int) -> None:
    end = End()
    body = bytes(size)
    end.channel.send(1, b"head", body)
    end.theirs.setblocking(False)
    received = bytearray()
    while len(received) < HEADER.size + 4 + size:
        received += await asyncio.get_running_loop().sock_recv(end.theirs, 100_000)
    assert received == frames.encode(1, b"head", body)
    end.close()


async def test_a_frame_to_an_end_that_is_gone_is_no_error() -> None:
    end = End()
    end.theirs.close()
    end.channel.send(1, b"", bytes(1_000_000))
    await turns(5)
    assert end.closed == 1


async def test_the_pieces_of_a_response_arrive_in_order_however_they_are_cut() -> None:
    kinds = [frames.STREAM, frames.CHUNK, frames.CHUNK, RESULT]
    data = b"".join(frames.encode(kind, FACTS.pack(1, 1.0, 1), bytes([kind]) * 9) for kind in kinds)
    for step in (1, 7, len(data)):
        end = End()
        for start in range(0, len(data), step):
            await end.sent(data[start : start + step])
        assert [(one.kind, one.body) for one in end.answers] == [(kind, bytes([kind]) * 9) for kind in kinds]
        assert end.closed == 0
        end.close()


async def test_a_channel_that_pauses_reads_on_when_it_is_resumed() -> None:
    end = End()
    end.channel.pause()
    await end.sent(answer())
    assert end.answers == []
    end.channel.resume()
    await turns(5)
    assert len(end.answers) == 1
    end.close()


@given(st.binary(max_size=64))
def test_any_header_is_read_or_refused(data: bytes) -> None:
    try:
        found = read_header(data)
    except BrokenFrame:
        return
    assert (found is None) == (len(data) < HEADER.size)


@given(st.binary(min_size=FACTS.size, max_size=64), st.sampled_from([READY, INIT_ERROR, RESULT, ERROR]))
def test_any_head_is_read_or_refused(head: bytes, kind: int) -> None:
    try:
        found = answer_of(kind, head, b"")
    except BrokenFrame:
        return
    assert found.took_ms >= 0
    assert (found.number == 0) == (kind in (READY, INIT_ERROR))


@given(st.dictionaries(st.text(), st.text()), st.integers(1, 50))
def test_a_control_message_arrives_with_its_descriptors_however_it_is_cut(content: dict[str, str], pieces: int) -> None:
    ours, theirs = socket.socketpair()
    spare, other = socket.socketpair()
    with ours, theirs, spare, other:
        data = frames.control_message(content)
        # Few pieces: nobody reads yet, and a socket buffer holds some hundred of them.
        step = len(data) // pieces + 1
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", spare.fileno()))]
        ours.sendmsg([data[:step]], rights)
        for at in range(step, len(data), step):
            ours.send(data[at : at + step])
        received = frames.receive_control(theirs)
        assert received is not None
        message, (fd,) = received
        assert message == content
        with socket.socket(fileno=fd) as passed:
            passed.send(b"x")
            assert other.recv(1) == b"x"
        ours.close()
        assert frames.receive_control(theirs) is None
