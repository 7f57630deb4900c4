from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.delivery import Deliveries, Message, Undeliverable
from lambent.delivery.registry import service_of

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
NO_TX: Any = None


class Queues:
    """Remembers what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def deliver(self, _tx: Any, arn: str, message: Message) -> None:
        self.taken.append((arn, message.body))


def test_a_message_goes_to_whom_its_arn_names() -> None:
    deliveries, queues = Deliveries(), Queues()
    deliveries.register("sqs", queues)
    deliveries.deliver(NO_TX, QUEUE, Message("hello"))
    assert queues.taken == [(QUEUE, "hello")]
    assert deliveries.takes(QUEUE)


@pytest.mark.parametrize("arn", ["arn:aws:sns:us-east-1:000000000000:t", "nonsense", "", "arn:aws:sqs"])
def test_what_nobody_takes_is_undeliverable(arn: str) -> None:
    deliveries = Deliveries()
    deliveries.register("sqs", Queues())
    assert not deliveries.takes(arn)
    with pytest.raises(Undeliverable):
        deliveries.deliver(NO_TX, arn, Message(""))


def test_a_service_has_one_target() -> None:
    deliveries = Deliveries()
    deliveries.register("sqs", Queues())
    with pytest.raises(ValueError, match="two targets"):
        deliveries.register("sqs", Queues())


@given(st.text())
def test_any_text_has_a_service_or_none(arn: str) -> None:
    assert isinstance(service_of(arn), str)
