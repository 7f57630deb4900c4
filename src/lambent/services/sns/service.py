"""The operations of SNS that are built, as the wire is given them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from lambent.call import Call, Output, Params, Service
from lambent.services.sns import applications, permissions, publish, sms, subscriptions, tags, topics
from lambent.services.sns.context import Sns

Operation = Callable[[Sns, Call, Params], Awaitable[Output]]
_OPERATIONS: dict[str, Operation] = {
    "CreateTopic": topics.create_topic,
    "DeleteTopic": topics.delete_topic,
    "GetTopicAttributes": topics.get_topic_attributes,
    "ListTopics": topics.list_topics,
    "SetTopicAttributes": topics.set_topic_attributes,
    "ListTagsForResource": tags.list_tags_for_resource,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "AddPermission": permissions.add_permission,
    "RemovePermission": permissions.remove_permission,
    # Subscriptions
    "ConfirmSubscription": subscriptions.confirm_subscription,
    "GetSubscriptionAttributes": subscriptions.get_subscription_attributes,
    "ListSubscriptions": subscriptions.list_subscriptions,
    "ListSubscriptionsByTopic": subscriptions.list_subscriptions_by_topic,
    "SetSubscriptionAttributes": subscriptions.set_subscription_attributes,
    "Subscribe": subscriptions.subscribe,
    "Unsubscribe": subscriptions.unsubscribe,
    # Messages
    "Publish": publish.publish,
    "PublishBatch": publish.publish_batch,
    # Phones
    "CheckIfPhoneNumberIsOptedOut": sms.check_if_phone_number_is_opted_out,
    "CreatePlatformApplication": applications.create_platform_application,
    "CreatePlatformEndpoint": applications.create_platform_endpoint,
    "DeleteEndpoint": applications.delete_endpoint,
    "DeletePlatformApplication": applications.delete_platform_application,
    "GetEndpointAttributes": applications.get_endpoint_attributes,
    "GetPlatformApplicationAttributes": applications.get_platform_application_attributes,
    "GetSMSAttributes": sms.get_sms_attributes,
    "ListEndpointsByPlatformApplication": applications.list_endpoints_by_platform_application,
    "ListPhoneNumbersOptedOut": sms.list_phone_numbers_opted_out,
    "ListPlatformApplications": applications.list_platform_applications,
    "OptInPhoneNumber": sms.opt_in_phone_number,
    "SetEndpointAttributes": applications.set_endpoint_attributes,
    "SetPlatformApplicationAttributes": applications.set_platform_application_attributes,
    "SetSMSAttributes": sms.set_sms_attributes,
}


def service(parts: Sns) -> Service:
    """SNS's table of operations."""
    return Service(
        name="sns",
        operations={name: partial(operation, parts) for name, operation in _OPERATIONS.items()},
        fault_code="InternalError",
    )
