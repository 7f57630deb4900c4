"""Handing a message to whatever an ARN names: one registry, one place.

Used by dead-letter queues, destinations, subscriptions, rules and notifications. What can be handed something (a queue,
a topic, a bus, a function) registers itself by the service in its ARN; who hands over knows ARNs only. A hand-over is
part of the transaction that caused it: either both are kept or neither. May import errors, arn and store.
"""

from __future__ import annotations

from lambent.delivery.contract import Attribute, Message, Target, Undeliverable
from lambent.delivery.registry import Deliveries

__all__ = ["Attribute", "Deliveries", "Message", "Target", "Undeliverable"]
