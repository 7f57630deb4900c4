"""Whether a message goes to a subscription. Pure.

A policy is compiled when it is first asked and remembered by its text. A policy of attributes looks at the message's
attributes, one of the body at its JSON; a body that is no object goes to nobody who filters by it.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from lambent.patterns import SNS_ATTRIBUTES, SNS_BODY, compile_pattern
from lambent.services.sns.documents import parse_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.delivery import Attribute
    from lambent.patterns import Pattern

ATTRIBUTES = "MessageAttributes"
BODY = "MessageBody"
_ARRAY = "String.Array"


def check_policy(text: str, scope: str) -> None:
    """Refuse a policy that is none. Raises Malformed, InvalidPattern."""
    compile_pattern(parse_object(text), SNS_BODY if scope == BODY else SNS_ATTRIBUTES)


def passes(policy: str | None, scope: str, attributes: Mapping[str, Attribute], body: str) -> bool:
    """Whether a message with these attributes and this body is one that the policy lets through."""
    if not policy:
        return True
    pattern = _compiled(policy, scope)
    if scope == BODY:
        event = _object(body)
        return event is not None and pattern.matches(event)
    return pattern.matches({name: decoded(one) for name, one in attributes.items()})


def decoded(attribute: Attribute) -> Any:
    """An attribute's value as patterns look at it."""
    kind, value = attribute
    if isinstance(value, bytes):
        return value
    if kind == _ARRAY:
        return _array(value)
    if kind.split(".", 1)[0] == "Number":
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return value


@lru_cache(4096)
def _compiled(policy: str, scope: str) -> Pattern:
    return compile_pattern(json.loads(policy), SNS_BODY if scope == BODY else SNS_ATTRIBUTES)


def _object(body: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _array(text: str) -> Any:
    """The members of an array; a text that holds none matches nothing."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return b""
    return found if isinstance(found, list) else [found]
