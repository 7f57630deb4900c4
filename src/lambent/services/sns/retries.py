"""When a delivery to an endpoint of http or https is tried again: delivery policies, checked and followed. Pure.

Source: SNS developer guide, "Amazon SNS message delivery retries": the phases of a policy and its limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.sns.documents import Malformed, parse_object
from lambent.services.sns.refusals import not_built

if TYPE_CHECKING:
    from lambent.services.sns.record import Subscription, Topic

Policy = dict[str, Any]

DEFAULT: Policy = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
CONTENT_TYPE = "text/plain; charset=UTF-8"
_FUNCTIONS = ("linear", "arithmetic", "geometric", "exponential")
_LONGEST_S = 3600
_MOST = 100
_OF_TOPICS = ("defaultHealthyRetryPolicy", "defaultRequestPolicy", "defaultThrottlePolicy")
_OF_SUBSCRIPTIONS = ("healthyRetryPolicy", "requestPolicy", "throttlePolicy")


def check_topic_policy(text: str) -> None:
    """Refuse a topic's delivery policy that makes no sense. Raises Malformed, AwsError NotImplementedException."""
    policy = parse_object(text)
    http = policy.get("http", {})
    if not isinstance(http, dict) or set(policy) - {"http"}:
        raise Malformed("Unexpected JSON member")
    _check_members(http, (*_OF_TOPICS, "disableSubscriptionOverrides", "defaultSicklyRetryPolicy"))
    if http.get("defaultThrottlePolicy"):
        raise not_built("throttle policies of SNS")
    _check_retries(http.get("defaultHealthyRetryPolicy"), "http.defaultHealthyRetryPolicy")
    _check_request(http.get("defaultRequestPolicy"))


def check_subscription_policy(text: str) -> None:
    """Refuse a subscription's delivery policy that makes no sense. Raises as `check_topic_policy`."""
    policy = parse_object(text)
    _check_members(policy, (*_OF_SUBSCRIPTIONS, "sicklyRetryPolicy", "guaranteed"))
    if policy.get("throttlePolicy"):
        raise not_built("throttle policies of SNS")
    _check_retries(policy.get("healthyRetryPolicy"), "healthyRetryPolicy")
    _check_request(policy.get("requestPolicy"))


def topic_policy(topic: Topic) -> Policy:
    """The policy of a topic with all that it leaves open."""
    text = topic.attributes.get("DeliveryPolicy")
    http = {} if text is None else orjson.loads(text).get("http", {})
    request = http.get("defaultRequestPolicy") or {}
    return {
        "http": {
            "defaultHealthyRetryPolicy": DEFAULT | (http.get("defaultHealthyRetryPolicy") or {}),
            "disableSubscriptionOverrides": bool(http.get("disableSubscriptionOverrides", False)),
            "defaultRequestPolicy": {"headerContentType": request.get("headerContentType", CONTENT_TYPE)},
        }
    }


def subscription_policy(topic: Topic, subscription: Subscription) -> Policy:
    """The policy that deliveries to a subscription follow: its own where its topic lets it, else the topic's."""
    http = topic_policy(topic)["http"]
    text = subscription.attributes.get("DeliveryPolicy")
    own = {} if text is None or http["disableSubscriptionOverrides"] else orjson.loads(text)
    retries = own.get("healthyRetryPolicy")
    return {
        "healthyRetryPolicy": DEFAULT | retries if retries else http["defaultHealthyRetryPolicy"],
        "sicklyRetryPolicy": None,
        "throttlePolicy": None,
        "requestPolicy": http["defaultRequestPolicy"] | (own.get("requestPolicy") or {}),
        "guaranteed": False,
    }


def delay_s(policy: Policy, attempts: int) -> float | None:
    """How long to wait after a failure; None where nothing is tried any more.

    policy: a healthy retry policy, complete. attempts: those that have failed, at least 1.
    """
    retry = attempts - 1
    if retry >= policy["numRetries"]:
        return None
    at_once, least, most = policy["numNoDelayRetries"], policy["numMinDelayRetries"], policy["numMaxDelayRetries"]
    growing = policy["numRetries"] - at_once - least - most
    if retry < at_once:
        return 0.0
    if retry < at_once + least:
        return float(policy["minDelayTarget"])
    if retry < at_once + least + growing:
        return _grown_s(policy, retry - at_once - least, growing)
    return float(policy["maxDelayTarget"])


def _grown_s(policy: Policy, step: int, steps: int) -> float:
    """Between the least and the greatest delay, from the first step to the last."""
    least, most = policy["minDelayTarget"], policy["maxDelayTarget"]
    if steps == 1:
        return float(least)
    way = step / (steps - 1)
    match policy["backoffFunction"]:
        case "arithmetic":
            way *= (step + 1) / steps
        case "geometric":
            way **= 2
        case "exponential":
            return float(round(least * (most / least) ** way, 3))
    return float(round(least + (most - least) * way, 3))


def _check_members(policy: Policy, known: tuple[str, ...]) -> None:
    for name in policy:
        if name not in known:
            raise Malformed(f"Unexpected JSON member: {name}")


def _check_retries(policy: Any, name: str) -> None:
    if policy is None:
        return
    if not isinstance(policy, dict):
        raise Malformed(f"{name} must be a JSON object")
    _check_members(policy, tuple(DEFAULT))
    if policy.get("backoffFunction", "linear") not in _FUNCTIONS:
        raise Malformed(f"{name}.backoffFunction must be one of: {', '.join(_FUNCTIONS)}")
    for member in DEFAULT:
        value = policy.get(member, 0)
        if member != "backoffFunction" and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise Malformed(f"{name}.{member} must be a non-negative integer")
    whole = DEFAULT | policy
    if not 1 <= whole["minDelayTarget"] <= whole["maxDelayTarget"]:
        raise Malformed(f"{name}.minDelayTarget must be between 1 and maxDelayTarget")
    if whole["maxDelayTarget"] > _LONGEST_S:
        raise Malformed(f"{name}.maxDelayTarget must be less than or equal to {_LONGEST_S}")
    if whole["numRetries"] > _MOST:
        raise Malformed(f"{name}.numRetries must be less than or equal to {_MOST}")
    if whole["numNoDelayRetries"] + whole["numMinDelayRetries"] + whole["numMaxDelayRetries"] > whole["numRetries"]:
        raise Malformed(f"{name}.numRetries must be greater than or equal to the sum of all its phases")


def _check_request(policy: Any) -> None:
    if policy is None:
        return
    content_type = policy.get("headerContentType") if isinstance(policy, dict) else None
    if not isinstance(content_type, str) or not content_type.isprintable() or not content_type.isascii():
        raise Malformed("headerContentType is invalid")
