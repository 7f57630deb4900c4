"""Whether a function's policy lets another account call its URL. Pure.

Source: Lambda developer guide, "Control access to Lambda function URLs": both lambda:InvokeFunctionUrl and
lambda:InvokeFunction are needed, under conditions that speak of the URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.lambda_.policy import lets_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.lambda_.policy import Document, Statement
    from lambent.services.lambda_.urls.record import FunctionUrl

_ACTIONS = ("InvokeFunctionUrl", "InvokeFunction")


def lets_call(document: Document | None, url: FunctionUrl, account: str) -> bool:
    """Whether the policy of a URL's function, or alias, lets an account call the URL."""
    if document is None:
        return False
    found = document.get("Statement") or []
    statements = [found] if isinstance(found, dict) else found
    seen: dict[str, Any] = {"Statement": [_as_of_a_url(one, url.auth_type) for one in statements]}
    return all(lets_in(seen, account=account, action=action, resource=url.arn) for action in _ACTIONS)


def _as_of_a_url(one: Statement, auth_type: str) -> Statement:
    """A statement without the conditions that every request to the URL fulfils."""
    if not isinstance(one.get("Condition"), dict):
        return one
    fulfilled = {
        ("StringEquals", "lambda:FunctionUrlAuthType"): auth_type,
        ("Bool", "lambda:InvokedViaFunctionUrl"): "true",
    }
    left = {operator: kept for operator, keys in one["Condition"].items() if (kept := _left(operator, keys, fulfilled))}
    return {**one, "Condition": left}


def _left(operator: str, keys: Any, fulfilled: Mapping[tuple[str, str], str]) -> Any:
    if not isinstance(keys, dict):
        return keys
    return {
        key: value
        for key, value in keys.items()
        if str(value[0] if isinstance(value, list) and len(value) == 1 else value).lower()
        != fulfilled.get((operator, key), "\0").lower()
    }
