"""IAM's refusals, in AWS's words and under the codes that clients see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.iam.record import INSTANCE_PROFILE, POLICY

if TYPE_CHECKING:
    from lambent.services.iam.record import AnyKind


def no_such_entity(text: str) -> AwsError:
    """404."""
    return AwsError("NoSuchEntity", text, status=404)


def not_found(kind: AnyKind, name: str) -> AwsError:
    """404 for a name that nothing of the kind has."""
    if kind is INSTANCE_PROFILE:
        return no_such_entity(f"Instance Profile {name} cannot be found.")
    return no_such_entity(f"The {kind.word} with name {name} cannot be found.")


def policy_not_found(arn: str) -> AwsError:
    """404 for a managed policy."""
    return no_such_entity(f"Policy {arn} was not found.")


def not_attachable(arn: str) -> AwsError:
    """404 for a managed policy that was to be attached."""
    return no_such_entity(f"Policy {arn} does not exist or is not attachable.")


def version_not_found(arn: str, version: str) -> AwsError:
    """404 for one version of a managed policy, and for a version of none."""
    return no_such_entity(f"Policy {arn} version {version} does not exist or is not attachable.")


def already_exists(kind: AnyKind, name: str) -> AwsError:
    """409."""
    if kind is POLICY:
        text = f"A policy called {name} already exists. Duplicate names are not allowed."
    elif kind is INSTANCE_PROFILE:
        text = f"Instance Profile {name} already exists."
    else:
        text = f"{kind.title} with name {name} already exists."
    return AwsError("EntityAlreadyExists", text, status=409)


def delete_conflict(text: str) -> AwsError:
    """409: something still hangs on what is to be deleted."""
    return AwsError("DeleteConflict", text, status=409)


def must_first(what: str) -> AwsError:
    """409 for an entity; `what` is what must be done before, e.g. `detach all policies`."""
    return delete_conflict(f"Cannot delete entity, must {what} first.")


def quota_exceeded(quota: str, most: int) -> AwsError:
    """409."""
    return limit_exceeded(f"Cannot exceed quota for {quota}: {most}")


def limit_exceeded(text: str) -> AwsError:
    """409."""
    return AwsError("LimitExceeded", text, status=409)


def invalid_input(text: str) -> AwsError:
    """400."""
    return AwsError("InvalidInput", text, status=400)


def invalid(text: str) -> AwsError:
    """400 for a value that the model allows and IAM does not."""
    return AwsError("ValidationError", text, status=400)


def malformed(text: str) -> AwsError:
    """400 for a policy document."""
    return AwsError("MalformedPolicyDocument", text, status=400)


def access_denied(text: str) -> AwsError:
    """403."""
    return AwsError("AccessDenied", text, status=403)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
