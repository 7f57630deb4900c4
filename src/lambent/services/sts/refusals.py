"""STS's refusals, in AWS's words."""

from __future__ import annotations

from lambent.errors import AwsError


def access_denied(text: str) -> AwsError:
    """403."""
    return AwsError("AccessDenied", text, status=403)


def not_authorized(who: str, operation: str, resource: str) -> AwsError:
    """403: what AWS also says of a role that does not exist."""
    return access_denied(f"User: {who} is not authorized to perform: sts:{operation} on resource: {resource}")


def invalid(text: str) -> AwsError:
    """400 for a value that the model allows and STS does not."""
    return AwsError("ValidationError", text, status=400)


def malformed(text: str) -> AwsError:
    """400 for a session policy."""
    return AwsError("MalformedPolicyDocument", text, status=400)


def expired() -> AwsError:
    """403 for credentials past their end."""
    return AwsError("ExpiredToken", "The security token included in the request is expired", status=403)


def invalid_token() -> AwsError:
    """403 for credentials that are switched off, or whose owner is gone."""
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", status=403)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
