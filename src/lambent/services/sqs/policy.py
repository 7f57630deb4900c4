"""A queue's policy: what it lets other accounts do. The owner's account may do everything."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from lambent.call import Call
    from lambent.services.sqs.record import Queue

_OWNERS = frozenset(
    """AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListMessageMoveTasks ListQueues ListQueueTags
    RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue""".split()
)
"""What no policy gives to others, as AWS's guide to cross-account permissions lists it."""


def allows(queue: Queue, call: Call) -> bool:
    """Whether another account's call may touch a queue. Statements with conditions are not for accounts to use."""
    if call.operation in _OWNERS:
        return False
    text = orjson.loads(queue.attributes).get("Policy")
    if not text:
        return False
    statements = as_list(orjson.loads(text).get("Statement", []))
    fitting = [one for one in statements if _fits(one, call)]
    return any(one.get("Effect") == "Allow" and not one.get("Condition") for one in fitting) and not any(
        one.get("Effect") == "Deny" for one in fitting
    )


def as_list(value: Any) -> list[Any]:
    """Policies leave the brackets around single values out."""
    return value if isinstance(value, list) else [value]


def _fits(statement: dict[str, Any], call: Call) -> bool:
    """Whether a statement speaks of who calls and of what is called; its resource is the queue itself."""
    actions = [str(action).lower() for action in as_list(statement.get("Action", []))]
    called = f"sqs:{call.operation.removesuffix('Batch')}".lower()
    if not any(fnmatchcase(called, action) for action in actions):
        return False
    principal = statement.get("Principal")
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return any(
        who in ("*", call.account) or (isinstance(who, str) and who.split(":")[4:] == [call.account, "root"])
        for who in as_list(named)
    )
