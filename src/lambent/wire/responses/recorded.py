"""What AWS was seen to send and its models do not say: names, types, roots and statuses, as data.

May import nothing of Lambent.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# --- XML ---------------------------------------------------------------------------------------------------------


class ElementNames(NamedTuple):
    """Of a list's items or a map's entries, with no element around them all, and of an entry's key and value."""

    element: str
    key: str = "key"
    value: str = "value"


NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        "s3": "http://s3.amazonaws.com/doc/2006-03-01/",
        "sqs": "http://queue.amazonaws.com/doc/2012-11-05/",
        "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
    }
)

ELEMENT_NAMES: Mapping[str, Mapping[str, ElementNames]] = MappingProxyType(
    {
        "sqs": MappingProxyType(
            {
                "BinaryList": ElementNames("BinaryListValue"),
                "BatchResultErrorEntryList": ElementNames("BatchResultErrorEntry"),
                "ChangeMessageVisibilityBatchResultEntryList": ElementNames("ChangeMessageVisibilityBatchResultEntry"),
                "DeleteMessageBatchResultEntryList": ElementNames("DeleteMessageBatchResultEntry"),
                "ListMessageMoveTasksResultEntryList": ElementNames("ListMessageMoveTasksResultEntry"),
                "MessageBodyAttributeMap": ElementNames("MessageAttribute", "Name", "Value"),
                "MessageList": ElementNames("Message"),
                "MessageSystemAttributeMap": ElementNames("Attribute", "Name", "Value"),
                "QueueAttributeMap": ElementNames("Attribute", "Name", "Value"),
                "QueueUrlList": ElementNames("QueueUrl"),
                "SendMessageBatchResultEntryList": ElementNames("SendMessageBatchResultEntry"),
                "StringList": ElementNames("StringListValue"),
                "TagMap": ElementNames("Tag", "Key", "Value"),
            }
        )
    }
)
"""By service, by shape: what the SQS of the query protocol calls things; the model speaks of JSON only."""

ROOTS: Mapping[str, str] = MappingProxyType(
    {
        "CompleteMultipartUpload": "CompleteMultipartUploadResult",
        "CreateMultipartUpload": "InitiateMultipartUploadResult",
        "CreateSession": "CreateSessionResult",
        "DeleteObjects": "DeleteResult",
        "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
        "GetBucketAcl": "AccessControlPolicy",
        "GetBucketCors": "CORSConfiguration",
        "GetBucketLifecycle": "LifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
        "GetBucketLocation": "LocationConstraint",
        "GetBucketLogging": "BucketLoggingStatus",
        "GetBucketNotification": "NotificationConfiguration",
        "GetBucketNotificationConfiguration": "NotificationConfiguration",
        "GetBucketRequestPayment": "RequestPaymentConfiguration",
        "GetBucketTagging": "Tagging",
        "GetBucketVersioning": "VersioningConfiguration",
        "GetBucketWebsite": "WebsiteConfiguration",
        "GetObjectAcl": "AccessControlPolicy",
        "GetObjectAttributes": "GetObjectAttributesResponse",
        "GetObjectTagging": "Tagging",
        "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
        "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
        "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
        "ListBuckets": "ListAllMyBucketsResult",
        "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
        "ListMultipartUploads": "ListMultipartUploadsResult",
        "ListObjectVersions": "ListVersionsResult",
        "ListObjects": "ListBucketResult",
        "ListObjectsV2": "ListBucketResult",
        "ListParts": "ListPartsResult",
    }
)
"""The outermost elements of S3's answers, by operation, where they are not the payload's own name."""

TEXT_ROOTS: Mapping[tuple[str, str], str] = MappingProxyType({("s3", "GetBucketLocation"): "LocationConstraint"})
"""Outputs whose outermost element holds one member's text and nothing else, which no model can say."""

# --- HTTP --------------------------------------------------------------------------------------------------------

CONTENT_TYPES: Mapping[tuple[str, str], str] = MappingProxyType(
    {("lambda", "Invoke"): "application/json", ("s3", "GetBucketPolicy"): "application/json"}
)
"""The media types of payloads of which the model says no more than that they are text or bytes."""

SUMMED = frozenset(("dynamodb", "dynamodbstreams"))
"""Services that send the CRC-32 of each body in `x-amz-crc32`, which their clients compare."""

# --- errors ------------------------------------------------------------------------------------------------------

TYPE_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "sqs": "com.amazonaws.sqs#",
        "dynamodb": "com.amazonaws.dynamodb.v20120810#",
        "dynamodbstreams": "com.amazonaws.dynamodb.v20120810#",
    }
)
"""What stands before the names of modelled errors in `__type`; nothing for most services."""

_CORAL = "com.amazon.coral.service#"
_VALIDATE = MappingProxyType({"": _CORAL, "ValidationException": "com.amazon.coral.validate#"})

GENERIC_PREFIXES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"sqs": MappingProxyType({"": _CORAL}), "dynamodb": _VALIDATE, "dynamodbstreams": _VALIDATE}
)
"""The same for errors that no model knows, `""` for all others of a service."""

FAULTS: Mapping[str, int] = MappingProxyType(
    {
        "InternalError": 500,
        "InternalFailure": 500,
        "InternalServerError": 500,
        "InternalServerErrorException": 500,
        "ServiceException": 500,
        "ServiceFailure": 500,
        "ServiceUnavailable": 503,
        "SlowDown": 503,
    }
)
"""Statuses of faults that no model knows."""


_SQS = "AWS.SimpleQueueService."

QUERY_CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sqs": MappingProxyType(
            {
                "BatchEntryIdsNotDistinct": f"{_SQS}BatchEntryIdsNotDistinct",
                "BatchRequestTooLong": f"{_SQS}BatchRequestTooLong",
                "EmptyBatchRequest": f"{_SQS}EmptyBatchRequest",
                "InvalidBatchEntryId": f"{_SQS}InvalidBatchEntryId",
                "KmsAccessDenied": "KMS.AccessDeniedException",
                "KmsDisabled": "KMS.DisabledException",
                "KmsInvalidKeyUsage": "KMS.InvalidKeyUsageException",
                "KmsInvalidState": "KMS.InvalidStateException",
                "KmsNotFound": "KMS.NotFoundException",
                "KmsOptInRequired": "KMS.OptInRequired",
                "KmsThrottled": "KMS.ThrottlingException",
                "MessageNotInflight": f"{_SQS}MessageNotInflight",
                "PurgeQueueInProgress": f"{_SQS}PurgeQueueInProgress",
                "QueueDeletedRecently": f"{_SQS}QueueDeletedRecently",
                "QueueDoesNotExist": f"{_SQS}NonExistentQueue",
                "QueueNameExists": "QueueAlreadyExists",
                "TooManyEntriesInBatchRequest": f"{_SQS}TooManyEntriesInBatchRequest",
                "UnsupportedOperation": f"{_SQS}UnsupportedOperation",
                "InvalidParameterValueException": "InvalidParameterValue",
                "MissingRequiredParameterException": "MissingParameter",
            }
        )
    }
)
"""By service: what errors of JSON were called when the service spoke query. What is missing kept its name."""

QUERY_MESSAGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sqs": MappingProxyType(
            {
                "The specified queue does not exist.": (
                    "The specified queue does not exist for this wsdl version."  # as in 2008
                )
            }
        )
    }
)
"""By service: messages that query says otherwise than JSON."""
