"""SNS's refusals, in AWS's words and under the codes that clients see."""

from __future__ import annotations

from lambent.errors import AwsError


def invalid(what: str) -> AwsError:
    """400; `what` is what AWS says behind `Invalid parameter: `."""
    return AwsError("InvalidParameter", f"Invalid parameter: {what}")


def invalid_value(text: str) -> AwsError:
    """400 for attributes of messages."""
    return AwsError("ParameterValueInvalid", text)


def no_topic() -> AwsError:
    """404."""
    return not_found("Topic does not exist")


def no_subscription() -> AwsError:
    """404."""
    return not_found("Subscription does not exist")


def not_found(text: str) -> AwsError:
    """404."""
    return AwsError("NotFound", text)


def no_resource() -> AwsError:
    """404 where tags are asked for."""
    return AwsError("ResourceNotFound", "Resource does not exist")


def unauthorized(text: str) -> AwsError:
    """403."""
    return AwsError("AuthorizationError", text)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
