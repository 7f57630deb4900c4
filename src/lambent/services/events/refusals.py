"""The refusals of EventBridge, in AWS's words."""

from __future__ import annotations

from lambent.errors import AwsError


def invalid(text: str) -> AwsError:
    """400."""
    return AwsError("ValidationException", text)


def invalid_pattern(reason: str) -> AwsError:
    """400."""
    return AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")


def not_found(text: str) -> AwsError:
    """400."""
    return AwsError("ResourceNotFoundException", text)


def no_bus(name: str) -> AwsError:
    """400."""
    return not_found(f"Event bus {name} does not exist.")


def no_rule(name: str, bus: str) -> AwsError:
    """400."""
    return not_found(f"Rule {name} does not exist on EventBus {bus}.")


def no_archive(name: str) -> AwsError:
    """400."""
    return not_found(f"Archive {name} does not exist.")


def no_replay(name: str) -> AwsError:
    """400."""
    return not_found(f"Replay {name} does not exist.")


def illegal_status(text: str) -> AwsError:
    """400 for what the state of a replay does not allow."""
    return AwsError("IllegalStatusException", text)


def already_exists(what: str) -> AwsError:
    """400; `what` is a kind and a name: `Event bus b`."""
    return AwsError("ResourceAlreadyExistsException", f"{what} already exists.")


def too_many() -> AwsError:
    """400 for more targets than a rule may have."""
    return AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
