"""Buses as targets of other services: destinations of functions, notifications.

The body is an entry of PutEvents as JSON; its `Detail` may be an object, and its `Source` is whatever the sender says,
those of AWS included.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lambent.delivery import Undeliverable
from lambent.services.events.document import compact, read_object
from lambent.services.events.event import envelope
from lambent.services.events.names import bus_of_arn
from lambent.services.events.outbox import Letter

if TYPE_CHECKING:
    from lambent.clock import Clock
    from lambent.delivery import Message
    from lambent.services.events.routing import Routing
    from lambent.store import Tx


class Buses:
    """Takes entries for the ARNs of buses."""

    def __init__(self, routing: Routing, clock: Clock) -> None:
        self._routing = routing
        self._clock = clock

    def deliver(self, tx: Tx, arn: str, message: Message) -> None:
        """Put an event on a bus. Raises Undeliverable."""
        bus, entry = bus_of_arn(arn), read_object(message.body)
        if bus is None:
            raise Undeliverable("InvalidArgument", f"{arn} is not an event bus")
        detail = (entry or {}).get("Detail")
        if isinstance(detail, str):
            detail = read_object(detail)
        if entry is None or not isinstance(detail, dict) or not entry.get("Source") or not entry.get("DetailType"):
            raise Undeliverable("MalformedDetail", "Detail is malformed.")
        now = self._clock.now()
        event = envelope(
            event_id=str(uuid.uuid4()),
            detail_type=str(entry["DetailType"]),
            source=str(entry["Source"]),
            account=bus.account,
            time=now,
            region=bus.region,
            resources=[str(one) for one in entry.get("Resources") or []],
            detail=detail,
        )
        letter = Letter(compact(event), int(now.timestamp() * 1000), trace_header=message.trace_header)
        if not self._routing.route(tx, bus, event, letter):
            raise Undeliverable("ResourceNotFoundException", f"Event bus {bus.name} does not exist.")
