"""SQS as older clients know it: its query protocol, which botocore's model no longer describes.

The names stand in SQS' API reference, in its examples of query requests and answers.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING

from botocore.model import ServiceModel

from lambent.wire.model import load_service

if TYPE_CHECKING:
    from botocore.model import OperationModel

_ELEMENTS = {
    "AWSAccountIdList": "AWSAccountId",
    "ActionNameList": "ActionName",
    "AttributeNameList": "AttributeName",
    "BinaryList": "BinaryListValue",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl",
    "StringList": "StringListValue",
    "TagKeyList": "TagKey",
}
"""What the elements of a list are called; of all others, the name of their shape."""
_ENTRIES = {
    "MessageBodyAttributeMap": ("MessageAttribute", "Name"),
    "MessageBodySystemAttributeMap": ("MessageSystemAttribute", "Name"),
    "MessageSystemAttributeMap": ("Attribute", "Name"),
    "QueueAttributeMap": ("Attribute", "Name"),
    "TagMap": ("Tag", "Key"),
}
"""What the entries of a map and their keys are called."""
_CODES = {
    "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "InvalidBatchEntryId": "AWS.SimpleQueueService.InvalidBatchEntryId",
    "KmsAccessDenied": "KMS.AccessDeniedException",
    "KmsDisabled": "KMS.DisabledException",
    "KmsInvalidKeyUsage": "KMS.InvalidKeyUsageException",
    "KmsInvalidState": "KMS.InvalidStateException",
    "KmsNotFound": "KMS.NotFoundException",
    "KmsOptInRequired": "KMS.OptInRequired",
    "KmsThrottled": "KMS.ThrottlingException",
    "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
    "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
    "QueueDeletedRecently": "AWS.SimpleQueueService.QueueDeletedRecently",
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}
"""Codes of errors, where they are not their names."""


def query_operation(name: str) -> OperationModel:
    """An operation of SQS as its query protocol has it."""
    return _query_model().operation_model(name)


@cache
def _query_model() -> ServiceModel:
    description = deepcopy(load_service("sqs").botocore._service_description)
    shapes = description["shapes"]
    for name, shape in shapes.items():
        if shape["type"] == "list":
            shape["member"]["locationName"] = _ELEMENTS.get(name, shape["member"]["shape"])
        elif shape["type"] == "map":
            shape["key"]["locationName"], shape["value"]["locationName"] = _ENTRIES[name][1], "Value"
        elif shape["type"] == "structure":
            for member in shape["members"].values():
                if member["shape"] in _ENTRIES:
                    member["locationName"] = _ENTRIES[member["shape"]][0]
        if name in _CODES:
            shape["error"] = {"code": _CODES[name]}
    for name, operation in description["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    return ServiceModel(description, "sqs")
