"""What waits to be posted to endpoints of http and https, and what would have gone to people.

A delivery is put within the transaction that publishes, so that it is kept or not kept with it. It is claimed with a
lease, posted, and then removed, put off, or moved to its subscription's dead-letter queue in one transaction.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from lambent.delivery import Attribute
from lambent.services.sns import repository
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.sns.record import Subscription
    from lambent.store import Row, Tx

DUE = "sns.deliveries"
"""The signal that something is to be posted."""
LEASE_MS = 60_000
_SQL = load_queries("lambent.services.sns", "outbox.sql")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint. type: as the envelope and a header name it. attempts: those that failed."""

    id: str
    subscription: str
    endpoint: str
    type: str
    message_id: str
    body: str
    raw: bool = False
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    """Of raw ones, for the dead-letter queue; in others the body has them."""
    attempts: int = 0

    @property
    def topic(self) -> str:
        """The ARN of the topic."""
        return self.subscription.rpartition(":")[0]


def put(tx: Tx, delivery: Delivery, now_ms: int) -> None:
    """Keep a delivery, due at once."""
    row = {
        "id": delivery.id,
        "subscription": delivery.subscription,
        "endpoint": delivery.endpoint,
        "type": delivery.type,
        "message_id": delivery.message_id,
        "body": delivery.body,
        "attributes": _packed(delivery.attributes),
        "raw": int(delivery.raw),
        "now": now_ms,
    }
    tx.execute(_SQL["put"], row)
    tx.signal(DUE)


def due_subscriptions(tx: Tx, now_ms: int) -> list[str]:
    """The subscriptions for which something is due."""
    return [row["subscription"] for row in tx.all(_SQL["due_subscriptions"], {"now": now_ms})]


def claim(tx: Tx, subscription: str, *, owner: str, now_ms: int, count: int) -> list[Delivery]:
    """Take what is due for a subscription, so that nobody else does until the lease ends."""
    rows = tx.all(_SQL["due"], {"subscription": subscription, "now": now_ms, "count": count})
    leases = [{"id": row["id"], "owner": owner, "ends": now_ms + LEASE_MS} for row in rows]
    tx.executemany(_SQL["lease"], leases)
    return [_from(row) for row in rows]


def earliest_ms(tx: Tx) -> int | None:
    """When the first delivery is, or was, due; None where nothing waits."""
    row = tx.one(_SQL["earliest"], {})
    return None if row is None or row["at"] is None else int(row["at"])


def next_due_ms(tx: Tx, now_ms: int) -> int | None:
    """When a delivery that is not due yet, or a lease's end, comes; None where there is none."""
    row = tx.one(_SQL["next_due"], {"now": now_ms})
    return None if row is None or row["at"] is None else int(row["at"])


def remove(tx: Tx, delivery_id: str, owner: str) -> bool:
    """Forget a delivery that is over; False where the lease was lost meanwhile."""
    return tx.execute(_SQL["remove"], {"id": delivery_id, "owner": owner}) == 1


def put_off(tx: Tx, delivery_id: str, owner: str, due_ms: int) -> None:
    """Count a failed attempt and let the delivery wait; nothing where the lease was lost meanwhile."""
    tx.execute(_SQL["put_off"], {"id": delivery_id, "owner": owner, "due_at": due_ms})


def send_to_person(
    tx: Tx, subscription: Subscription, *, message_id: str, subject: str | None, body: str, now_ms: int
) -> None:
    """Keep what a subscription's person would get: nothing leaves this machine by mail or telephone."""
    keep_sent(
        tx,
        account=subscription.account,
        region=subscription.region,
        protocol=subscription.protocol,
        endpoint=subscription.endpoint,
        subscription=subscription.arn,
        message_id=message_id,
        subject=subject,
        body=body,
        now_ms=now_ms,
    )


def keep_sent(
    tx: Tx,
    *,
    account: str,
    region: str,
    protocol: str,
    endpoint: str,
    message_id: str,
    body: str,
    now_ms: int,
    subscription: str | None = None,
    subject: str | None = None,
) -> None:
    """Keep what somebody would get."""
    where = {"account": account, "region": region, "protocol": protocol, "endpoint": endpoint}
    what = {"subscription": subscription, "message_id": message_id, "subject": subject, "body": body}
    repository.put_sent(tx, {**where, **what, "sent_at": now_ms})


def _from(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        subscription=row["subscription"],
        endpoint=row["endpoint"],
        type=row["type"],
        message_id=row["message_id"],
        body=row["body"],
        raw=bool(row["raw"]),
        attributes=_unpacked(row["attributes"]),
        attempts=row["attempts"],
    )


def _packed(attributes: Mapping[str, Attribute]) -> str:
    plain = {
        name: [one.data_type, None, base64.b64encode(one.value).decode()]
        if isinstance(one.value, bytes)
        else [one.data_type, one.value]
        for name, one in attributes.items()
    }
    return orjson.dumps(plain).decode()


def _unpacked(text: str) -> dict[str, Attribute]:
    return {
        name: Attribute(kind, rest[0] if len(rest) == 1 else base64.b64decode(rest[1]))
        for name, (kind, *rest) in orjson.loads(text).items()
    }
