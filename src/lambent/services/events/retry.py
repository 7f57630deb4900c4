"""Whether what could not be handed over is tried again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.delivery import Attribute
from lambent.delivery.registry import service_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.services.events.outbox import Waiting

_AGE_S, _RETRIES = 86_400, 185
_FIRST_MS, _LONGEST_MS = 1000, 600_000


def exhausted(target: Mapping[str, Any], waiting: Waiting, now_ms: int) -> str | None:
    """Which of its limits a hand-over has reached, as AWS names it; None while it may be tried."""
    policy = target.get("RetryPolicy") or {}
    age_s: int = policy.get("MaximumEventAgeInSeconds") or _AGE_S
    retries: int = policy.get("MaximumRetryAttempts", _RETRIES)
    if now_ms - waiting.ingested_ms >= age_s * 1000:
        return "MaximumEventAgeInSeconds"
    return "MaximumRetryAttempts" if waiting.retries >= retries else None


def pause_ms(retries: int) -> int:
    """How long to wait after so many retries that failed: doubling from a second to ten minutes."""
    return min(_FIRST_MS << min(retries, 20), _LONGEST_MS)


def error_code(code: str) -> str:
    """What a dead letter calls the reason that a target gave."""
    if "AccessDenied" in code or "NotAuthorized" in code:
        return "NO_PERMISSIONS"
    is_gone = any(word in code for word in ("NonExistent", "NotFound", "DoesNotExist"))
    return "NO_RESOURCE" if is_gone else "SDK_CLIENT_ERROR"


def dead_letter_attributes(
    waiting: Waiting, target_arn: str, *, code: str, text: str, condition: str | None
) -> dict[str, Attribute]:
    """What a dead letter tells beside the event."""
    found = {
        "SCHEDULE_ARN" if service_of(waiting.rule_arn) == "scheduler" else "RULE_ARN": waiting.rule_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": code,
        "ERROR_MESSAGE": text,
        "RETRY_ATTEMPTS": str(waiting.retries),
    }
    if condition is not None:
        found["EXHAUSTED_RETRY_CONDITION"] = condition
    return {name: Attribute("String", value) for name, value in found.items()}
