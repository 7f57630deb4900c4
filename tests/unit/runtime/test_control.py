from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from eventloop import turns
from lambent.runtime.control import ControlSocket
from lambent.runtime.guest import frames


class End:
    """The server's end of a control socket, and what it was told."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.told: list[tuple[dict[str, Any], int | None]] = []
        self.closed = 0
        self.control = ControlSocket(ours, lambda *message: self.told.append(message), self._lost)

    def _lost(self) -> None:
        self.closed += 1

    def close(self) -> None:
        self.control.abort()
        self.theirs.close()


async def test_messages_arrive_in_order_with_the_process_id_of_who_sent_them() -> None:
    end = End()
    data = b"".join(frames.control_message({"number": number}) for number in range(3))
    for at in range(0, len(data), 5):
        end.theirs.send(data[at : at + 5])
        await turns(3)
    assert [message for message, _ in end.told] == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert {pid for _, pid in end.told} <= {os.getpid(), None}
    end.close()


async def test_the_end_of_the_other_side_is_told_once() -> None:
    end = End()
    end.theirs.close()
    await turns(5)
    assert end.closed == 1
    end.control.send({"nobody": "listens"})
    end.control.finish()
    end.close()
    assert end.closed == 1


async def test_a_message_to_who_is_gone_tells_so_at_once() -> None:
    end = End()
    end.theirs.close()
    end.control.send({"do": "start"})
    assert end.closed == 1


async def test_an_aborted_socket_tells_nothing() -> None:
    end = End()
    end.close()
    await turns(5)
    assert end.closed == 0


async def test_finishing_ends_the_other_side_which_ends_ours() -> None:
    end = End()
    end.control.finish()
    assert frames.receive_control(end.theirs) is None
    end.theirs.close()
    await turns(5)
    assert end.closed == 1


async def test_messages_that_have_to_wait_keep_their_order_and_their_descriptors() -> None:
    end = End()
    count = 200
    for number in range(count):
        reader, writer = os.pipe()
        end.control.send({"number": number, "padding": "x" * 20_000}, [writer])
        # What waits must not depend on descriptors of a sender who goes on.
        os.close(writer)
        os.close(reader)
    for number in range(count):
        received = await asyncio.to_thread(frames.receive_control, end.theirs)
        assert received is not None
        message, fds = received
        assert message["number"] == number
        assert len(fds) == 1
        os.close(fds[0])
    end.close()


async def test_a_socket_that_was_handed_over_tells_its_new_owner() -> None:
    end = End()
    told: list[dict[str, Any]] = []
    lost: list[bool] = []
    end.control.hand_over(lambda message, _: told.append(message), lambda: lost.append(True))
    end.theirs.send(frames.control_message({"event": "started"}))
    await turns(3)
    end.theirs.close()
    await turns(3)
    assert (told, lost, end.told, end.closed) == ([{"event": "started"}], [True], [], 0)
