"""A message that was published, and what of it each protocol is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from lambent.services.sns.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.delivery import Attribute

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message on its way to all subscriptions of a topic.

    texts: by protocol, `default` for all others. timestamp: as the envelope tells it. base: the server's own address,
    for the links in the envelope. sequence: of FIFO topics.
    """

    message_id: str
    topic_arn: str
    texts: Mapping[str, str]
    timestamp: str
    base: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    subject: str | None = None
    group_id: str | None = None
    deduplication_id: str | None = None
    sequence: str | None = None
    trace_header: str | None = None
    signature_version: str = "1"

    def text_for(self, protocol: str) -> str:
        """The message as a protocol gets it."""
        texts = self.texts
        return texts[protocol] if protocol in texts else texts[DEFAULT]


def texts_of(message: str, structure: str | None, *, needs_default: bool = True) -> dict[str, str]:
    """The message by protocol. Raises AwsError InvalidParameter.

    structure: `json` where the message is an object of texts by protocol; members that are no texts are ignored.
    """
    if structure is None or structure == "":
        return {DEFAULT: message}
    if structure != "json":
        raise invalid("Message Structure")
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise invalid("Message Structure - JSON message body failed to parse") from None
    texts = {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
    if DEFAULT not in texts and needs_default:
        raise invalid("Message Structure - No default entry in JSON message body")
    return texts
