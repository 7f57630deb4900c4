"""Lambda's refusals, in AWS's words. Nearly every error carries `Type: User`, as Lambda's modelled errors do."""

from __future__ import annotations

from lambent.errors import AwsError

_USER = {"Type": "User"}


def not_found(text: str) -> AwsError:
    """404."""
    return AwsError("ResourceNotFoundException", text, fields=_USER)


def function_not_found(arn: str) -> AwsError:
    """404 for a function, version or alias, named as AWS names it for the operation at hand."""
    return not_found(f"Function not found: {arn}")


def invalid_parameter(text: str) -> AwsError:
    """400 for a value that the model allows and Lambda does not."""
    return AwsError("InvalidParameterValueException", text, fields=_USER)


def invalid_parameter_untyped(text: str) -> AwsError:
    """The same without a `Type`, as some parts of Lambda send it."""
    return AwsError("InvalidParameterValueException", text)


def name_too_long(text: str, limit: int) -> AwsError:
    """400 in the words of a constraint check, for the limit that the model does not carry."""
    return invalid_parameter(
        f"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: "
        f"Member must have length less than or equal to {limit}"
    )


def alias_not_found(arn: str) -> AwsError:
    """404 where an alias is looked for."""
    return not_found(f"Cannot find alias arn: {arn}")


def not_about_versions() -> AwsError:
    """400: a version or an alias was named where only a function as a whole can be."""
    return invalid_parameter(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
        "Please specify either a function name or an unqualified function ARN."
    )


def conflict(text: str) -> AwsError:
    """409: the function exists, is not ready, or is being updated."""
    return AwsError("ResourceConflictException", text, fields=_USER)


def revision_mismatch(look_at: str = "GetFunction/GetAlias") -> AwsError:
    """412. look_at: the operation that tells the latest."""
    return AwsError(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {look_at} API to retrieve the latest Revision Id",
        fields=_USER,
    )


def code_too_large(limit: int, which: str) -> AwsError:
    """413 for a zipped, 400 for an unzipped package over its limit; `which` is `Zipped` or `Unzipped`."""
    text = f"{which} size must be smaller than {limit} bytes"
    if which == "Zipped":
        return AwsError("RequestEntityTooLargeException", text, status=413)
    return invalid_parameter(text)


def access_denied(operation: str, resource: str, account: str) -> AwsError:
    """403: the function belongs to another account, which has granted nothing."""
    text = (
        f"User: arn:aws:iam::{account}:root is not authorized to perform: lambda:{operation} on resource: {resource} "
        f"because no resource-based policy allows the lambda:{operation} action"
    )
    return AwsError("AccessDeniedException", text, status=403)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do yet is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501, fields=_USER)
