"""Policies of topics: the one that each begins with, and whether a policy lets another account in. Pure.

Source: IAM user guide, "Policy evaluation logic"; SNS developer guide, "Amazon SNS policy keys".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from lambent.services.sns.record import Topic

ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
"""What a policy can grant."""


def default_policy(arn: str, account: str) -> dict[str, Any]:
    """The policy of a topic that was given none: its own account may do everything."""
    return {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in ACTIONS],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
            }
        ],
    }


def policy_of(topic: Topic) -> dict[str, Any]:
    """The policy of a topic."""
    kept = topic.attributes.get("Policy")
    if kept is None:
        return default_policy(topic.arn, topic.account)
    document: dict[str, Any] = orjson.loads(kept)
    return document


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy, which may be one that stands alone."""
    found = document.get("Statement") or []
    return [found] if isinstance(found, dict) else [one for one in found if isinstance(one, dict)]


def lets_in(topic: Topic, account: str, action: str) -> bool:
    """Whether a topic's policy lets another account do something: a statement allows it, and none denies it.

    A statement that allows under a condition does not count, as a call brings nothing that conditions speak of; one
    that denies counts, whatever its condition.
    """
    speaking = [one for one in statements(policy_of(topic)) if _speaks_of(one, account, action, topic.arn)]
    if any(one.get("Effect") == "Deny" for one in speaking):
        return False
    return any(one.get("Effect") == "Allow" and not one.get("Condition") for one in speaking)


def _speaks_of(one: dict[str, Any], account: str, action: str, arn: str) -> bool:
    principal = one.get("Principal")
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    whole = re.compile(rf"\*|{account}|arn:aws[a-zA-Z-]*:iam::{account}:root")
    return (
        any(whole.fullmatch(text) for text in _texts(named))
        and any(_fits(text.lower(), f"sns:{action}".lower()) for text in _texts(one.get("Action")))
        and any(_fits(text, arn) for text in _texts(one.get("Resource")))
    )


def _fits(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
