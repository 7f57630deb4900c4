"""Topics, tags and subscriptions in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.sns.record import State, subscription_from, topic_from
from lambent.store import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.services.sns.record import Subscription, Topic
    from lambent.store import Tx

_SQL = load_queries("lambent.services.sns", "sns.sql")

_DELETE_TOPIC = (
    "delete_subscriptions_of_topic",
    "delete_tags_of_topic",
    "delete_deduplications_of_topic",
    "delete_topic",
)

# --- topics


def insert_topic(tx: Tx, topic: Topic) -> None:
    """Keep a new topic."""
    row = {"arn": topic.arn, "account": topic.account, "region": topic.region}
    tx.execute(_SQL["insert_topic"], {**row, "attributes": _json(topic.attributes)})


def topic(tx: Tx, arn: str) -> Topic | None:
    """One topic, None where there is none."""
    row = tx.one(_SQL["topic"], {"arn": arn})
    return None if row is None else topic_from(row)


def topics(tx: Tx, account: str, region: str, *, after: str, count: int) -> list[Topic]:
    """Topics by ARN, beginning behind `after`."""
    rows = tx.all(_SQL["topics"], {"account": account, "region": region, "after": after, "count": count})
    return [topic_from(row) for row in rows]


def set_topic_attributes(tx: Tx, arn: str, attributes: Mapping[str, str]) -> None:
    """Replace what was set."""
    tx.execute(_SQL["set_topic_attributes"], {"arn": arn, "attributes": _json(attributes)})


def set_sequence(tx: Tx, arn: str, last_sequence: int) -> None:
    """Remember the number of the last message of a FIFO topic."""
    tx.execute(_SQL["set_sequence"], {"arn": arn, "last_sequence": last_sequence})


def delete_topic(tx: Tx, arn: str) -> None:
    """Forget a topic, its tags, its subscriptions, and what was published to it."""
    for query in _DELETE_TOPIC:
        tx.execute(_SQL[query], {"arn": arn})


def tags(tx: Tx, arn: str) -> dict[str, str]:
    """A topic's tags by their keys."""
    return {row["key"]: row["value"] for row in tx.all(_SQL["tags"], {"topic": arn})}


def put_tags(tx: Tx, arn: str, new: Mapping[str, str]) -> None:
    """Add tags, or replace their values."""
    tx.executemany(_SQL["put_tag"], [{"topic": arn, "key": key, "value": value} for key, value in new.items()])


def remove_tags(tx: Tx, arn: str, keys: Iterable[str]) -> None:
    """Remove tags; those that are not there are ignored."""
    tx.executemany(_SQL["delete_tag"], [{"topic": arn, "key": key} for key in keys])


# --- subscriptions


def insert_subscription(tx: Tx, one: Subscription) -> None:
    """Keep a new subscription."""
    row = {"topic": one.topic, "account": one.account, "region": one.region, "owner": one.owner}
    row |= {"principal": one.principal, "protocol": one.protocol, "endpoint": one.endpoint}
    tx.execute(_SQL["insert_subscription"], row | _changing(one))


def save_subscription(tx: Tx, one: Subscription) -> None:
    """Keep what may change of a subscription."""
    tx.execute(_SQL["save_subscription"], _changing(one))


def subscription(tx: Tx, arn: str) -> Subscription | None:
    """One subscription, deleted ones included, None where there is none."""
    row = tx.one(_SQL["subscription"], {"arn": arn})
    return None if row is None else subscription_from(row)


def subscription_to(tx: Tx, topic_arn: str, protocol: str, endpoint: str) -> Subscription | None:
    """The subscription of an endpoint, None where it has none."""
    row = tx.one(_SQL["subscription_to"], {"topic": topic_arn, "protocol": protocol, "endpoint": endpoint})
    return None if row is None else subscription_from(row)


def subscription_by_token(tx: Tx, token: str) -> Subscription | None:
    """The subscription that a token confirms or restores, None where there is none."""
    row = tx.one(_SQL["subscription_by_token"], {"token": token})
    return None if row is None else subscription_from(row)


def confirmed(tx: Tx, topic_arn: str) -> list[Subscription]:
    """All that messages go to."""
    return [subscription_from(row) for row in tx.all(_SQL["confirmed"], {"topic": topic_arn})]


def subscriptions_of_topic(tx: Tx, topic_arn: str, *, after: str, count: int) -> list[Subscription]:
    """A topic's subscriptions by ARN, beginning behind `after`."""
    rows = tx.all(_SQL["subscriptions_of_topic"], {"topic": topic_arn, "after": after, "count": count})
    return [subscription_from(row) for row in rows]


def subscriptions(tx: Tx, account: str, region: str, *, after: str, count: int) -> list[Subscription]:
    """Subscriptions to an account's topics by ARN, beginning behind `after`."""
    rows = tx.all(_SQL["subscriptions"], {"account": account, "region": region, "after": after, "count": count})
    return [subscription_from(row) for row in rows]


def counts(tx: Tx, topic_arn: str) -> dict[State, int]:
    """How many subscriptions a topic has, by where they stand."""
    found = {State(row["state"]): int(row["number"]) for row in tx.all(_SQL["counts"], {"topic": topic_arn})}
    return {state: found.get(state, 0) for state in State}


def forget_unconfirmed(tx: Tx, now_ms: int) -> None:
    """Forget what nobody confirmed or restored in time."""
    tx.execute(_SQL["forget_unconfirmed"], {"now": now_ms})


def next_end_ms(tx: Tx) -> int | None:
    """When the next token ends, None where there is none."""
    row = tx.one(_SQL["next_end"], {})
    return None if row is None or row["at"] is None else int(row["at"])


# --- messages


def earlier(tx: Tx, topic_arn: str, group: str, deduplication_id: str, now_ms: int) -> tuple[str, int] | None:
    """Message id and sequence of a message that was published to a FIFO topic already, None where none was."""
    tx.execute(_SQL["forget_deduplications"], {"now": now_ms})
    row = tx.one(_SQL["deduplication"], {"topic": topic_arn, "message_group": group, "id": deduplication_id})
    return None if row is None else (row["message_id"], row["sequence"])


def remember(
    tx: Tx, topic_arn: str, group: str, deduplication_id: str, *, message_id: str, sequence: int, ends_ms: int
) -> None:
    """Remember a message of a FIFO topic."""
    row = {"topic": topic_arn, "message_group": group, "id": deduplication_id}
    tx.execute(_SQL["put_deduplication"], {**row, "message_id": message_id, "sequence": sequence, "ends_at": ends_ms})


def put_sent(tx: Tx, row: Mapping[str, Any]) -> None:
    """Keep what would have gone to a person. row: the columns."""
    tx.execute(_SQL["put_sent"], row)


def sent(tx: Tx, account: str, region: str) -> list[dict[str, Any]]:
    """All that would have gone to people, the oldest first."""
    names = ("protocol", "endpoint", "subscription", "message_id", "subject", "body", "sent_at")
    rows = tx.all(_SQL["sent"], {"account": account, "region": region})
    return [{name: row[name] for name in names} for row in rows]


def _changing(one: Subscription) -> dict[str, Any]:
    return {
        "arn": one.arn,
        "state": one.state.value,
        "authenticated": int(one.authenticated),
        "guarded": int(one.guarded),
        "attributes": _json(one.attributes),
        "token": one.token,
        "token_ends": one.token_ends_ms,
    }


def _json(value: Mapping[str, str]) -> str:
    return orjson.dumps(value).decode()
