"""The refusals of CloudWatch Logs, in AWS's words."""

from __future__ import annotations

from lambent.errors import AwsError


def group_not_found() -> AwsError:
    """400."""
    return not_found("The specified log group does not exist.")


def stream_not_found() -> AwsError:
    """400."""
    return not_found("The specified log stream does not exist.")


def not_found(text: str) -> AwsError:
    """400."""
    return AwsError("ResourceNotFoundException", text)


def already_exists(what: str) -> AwsError:
    """400; `what` is `log group` or `log stream`."""
    return AwsError("ResourceAlreadyExistsException", f"The specified {what} already exists")


def invalid(text: str) -> AwsError:
    """400 for a value that the model allows and the service does not."""
    return AwsError("InvalidParameterException", text)


def invalid_token() -> AwsError:
    """400 for a token that was never given."""
    return invalid("The specified nextToken is invalid.")


def invalid_operation(text: str) -> AwsError:
    """400 for what a log group's class does not have."""
    return AwsError("InvalidOperationException", text)


def protected() -> AwsError:
    """400 for a log group that must not be deleted."""
    return AwsError(
        "ValidationException",
        "The log group has deletion protection enabled. Disable deletion protection to delete it.",
    )


def too_many_tags(arn: str) -> AwsError:
    """400."""
    return AwsError("TooManyTagsException", "A resource can have no more than 50 tags.", fields={"resourceName": arn})


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
