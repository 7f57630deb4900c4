"""Where subscriptions go: which protocols there are, and what an endpoint of each looks like.

Source: SNS API reference, Subscribe; recorded answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lambent.services.sns import applications
from lambent.services.sns.names import split
from lambent.services.sns.refusals import invalid, not_built, not_found

if TYPE_CHECKING:
    from lambent.services.sns.record import Topic
    from lambent.store import Tx

HTTP = frozenset({"http", "https"})
MAIL = frozenset({"email", "email-json"})
ASKED = HTTP | MAIL
"""Protocols whose endpoints have to confirm that they want messages."""
RAW = HTTP | {"sqs"}
"""Protocols that take messages without an envelope."""
_KNOWN = ASKED | {"sqs", "lambda", "sms", "application", "firehose"}
_NUMBER = re.compile(r"\+?[0-9](?:[0-9 ./-]{4,20})[0-9]")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")


def check(tx: Tx, topic: Topic, protocol: str, endpoint: str) -> None:
    """Refuse an endpoint that the protocol has none like, or that the topic cannot have.

    Raises AwsError InvalidParameter, NotFound, NotImplementedException.
    """
    if not endpoint:
        raise invalid("Endpoint")
    if protocol not in _KNOWN:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    if topic.is_fifo and protocol != "sqs":
        raise invalid(f"Invalid protocol type: {protocol}")
    _check_form(protocol, endpoint)
    if protocol == "sqs" and endpoint.endswith(".fifo") and not topic.is_fifo:
        raise invalid(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
    if protocol == "application" and applications.endpoint(tx, endpoint) is None:
        raise not_found("Endpoint does not exist")


def is_phone_number(text: str) -> bool:
    """Whether it is a number in E.164, with or without separators."""
    return _NUMBER.fullmatch(text) is not None


def _check_form(protocol: str, endpoint: str) -> None:
    match protocol:
        case "firehose":
            raise not_built("SNS subscriptions of the protocol firehose")
        case "http" | "https":
            if not endpoint.startswith(f"{protocol}://"):
                raise invalid("Endpoint must match the specified protocol")
            if not _is_url(endpoint):
                raise invalid("HTTP(S) Endpoint")
        case "sqs" | "lambda":
            named = split(endpoint)
            if named is None or named.service != protocol:
                raise invalid(f"{'SQS' if protocol == 'sqs' else 'Lambda'} endpoint ARN")
        case "sms":
            if not is_phone_number(endpoint):
                raise invalid(f"Invalid SMS endpoint: {endpoint}")
        case "email" | "email-json":
            if not _MAIL.fullmatch(endpoint):
                raise invalid("Email address")
        case _:
            pass


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0 and text.isprintable() and text.isascii() and " " not in text
    except ValueError:
        return False
