"""The refusals of EventBridge Scheduler, in AWS's words."""

from __future__ import annotations

from lambent.errors import AwsError


def invalid(text: str) -> AwsError:
    """400."""
    return AwsError("ValidationException", text)


def not_found(what: str) -> AwsError:
    """404; `what` is a kind and a name: `Schedule s`."""
    return AwsError("ResourceNotFoundException", f"{what} does not exist.")


def conflict(what: str) -> AwsError:
    """409; `what` is a kind and a name: `Schedule s`."""
    return AwsError("ConflictException", f"{what} already exists.")


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
