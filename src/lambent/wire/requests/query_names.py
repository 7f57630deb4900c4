"""The names that a service's parameters have in query, where botocore's model no longer tells them.

SQS' model describes its JSON protocol; its query protocol, which older clients speak, calls members by other names.
Source: SQS' API reference, and its model of 2012-11-05 before it moved to JSON. May import nothing of Lambent.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Names(NamedTuple):
    """What a list or map is called, and the key and value of a map's entries."""

    name: str
    key: str = "Name"
    value: str = "Value"


_SQS = {
    "AWSAccountIds": Names("AWSAccountId"),
    "Actions": Names("ActionName"),
    "AttributeNames": Names("AttributeName"),
    "Attributes": Names("Attribute"),
    "BinaryListValues": Names("BinaryListValue"),
    "MessageAttributeNames": Names("MessageAttributeName"),
    "MessageAttributes": Names("MessageAttribute"),
    "MessageSystemAttributeNames": Names("MessageSystemAttributeName"),
    "MessageSystemAttributes": Names("MessageSystemAttribute"),
    "StringListValues": Names("StringListValue"),
    "TagKeys": Names("TagKey"),
    "Tags": Names("Tag", "Key"),
    "tags": Names("Tag", "Key"),
    # Batches call their entries by the name of what an entry is.
    "ChangeMessageVisibilityBatchRequestEntry": Names("ChangeMessageVisibilityBatchRequestEntry"),
    "DeleteMessageBatchRequestEntry": Names("DeleteMessageBatchRequestEntry"),
    "SendMessageBatchRequestEntry": Names("SendMessageBatchRequestEntry"),
}

_NONE: Mapping[str, Names] = MappingProxyType({})
_SERVICES: Mapping[str, Mapping[str, Names]] = MappingProxyType({"sqs": _SQS})


def further_names(service: str) -> Mapping[str, Names]:
    """By the name of a member, or of the shape of a list's elements; they hold beside those of the model."""
    return _SERVICES.get(service, _NONE)
