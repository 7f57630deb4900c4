"""Trust policies, which say who may assume a role: checked, as AWS's other parser does it and words it. Pure.

Principals are checked for their form. Whether they exist is not: those of other accounts may well live elsewhere.

Source: IAM user guide, "AWS JSON policy elements: Principal"; AWS's answers as published in bug reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambent.services.iam.documents import EFFECTS, parse, statements, texts
from lambent.services.iam.refusals import malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSIONS = ("2008-10-17", "2012-10-17")
_TOP = frozenset(("Version", "Id", "Statement"))
_ACTIONS = ("Action", "NotAction")
_AWS = re.compile(r"\*|\d{12}|arn:aws[a-z-]*:(?:iam|sts)::\d{12}:\S+|A[A-Z2-7]{3}[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def check_trust(document: str) -> None:
    """Refuse what cannot be a trust policy. Raises AwsError MalformedPolicyDocument."""
    policy = parse(document)
    if policy is None:
        raise malformed("This policy contains invalid Json")
    for name in policy:
        if name not in _TOP:
            raise malformed(f"Unknown field {name}")
    if policy.get("Version", "2012-10-17") not in _VERSIONS:
        raise malformed("The policy must contain a valid version string")
    found = statements(policy)
    if not found:
        raise malformed("Could not parse the policy: Statement is empty!")
    for statement in found:
        _check_statement(statement)
    sids = [one["Sid"] for one in found if one.get("Sid")]
    if len(set(sids)) != len(sids):
        raise malformed("The Statement Ids in the policy are not unique")


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict) or not isinstance(statement.get("Sid", ""), str):
        raise malformed("Syntax error in policy.")
    effect = statement.get("Effect")
    if not effect:
        raise malformed("Missing required field Effect")
    if not isinstance(effect, str) or effect not in EFFECTS:
        raise malformed(f"Invalid effect: {effect}")
    if "NotPrincipal" in statement:
        raise malformed(
            "Allow with NotPrincipal is not allowed."
            if effect == "Allow"
            else "AssumeRole policy must not contain NotPrincipal field."
        )
    _check_principal(statement)
    _check_actions(statement)
    if "Resource" in statement:
        raise malformed("Has prohibited field Resource")
    if "NotResource" in statement:
        raise malformed("AssumeRole policy must not contain resources.")
    if not isinstance(statement.get("Condition", {}), dict):
        raise malformed("Syntax error in policy.")


def _check_principal(statement: Mapping[str, Any]) -> None:
    if "Principal" not in statement:
        raise malformed("Missing required field Principal")
    principal = statement["Principal"]
    if principal == "*":
        raise malformed('AssumeRolepolicy contained an invalid principal: "STAR":"*".')
    if not isinstance(principal, dict):
        raise malformed("Principal must be a JSON object.")
    if not principal:
        raise malformed("Missing required field Principal cannot be empty!")
    for kind, named in principal.items():
        if kind not in {"AWS", "Service", "Federated"}:
            raise malformed(f'Invalid principal in policy: "{kind}"')
        for one in texts(named):
            if not isinstance(one, str):
                raise malformed("Syntax error in policy.")
            if (kind == "AWS" and not _AWS.fullmatch(one)) or (kind == "Service" and not _SERVICE.fullmatch(one)):
                raise malformed(f'Invalid principal in policy: "{kind.upper()}":"{one}"')


def _check_actions(statement: Mapping[str, Any]) -> None:
    actions = [action for name in _ACTIONS if name in statement for action in texts(statement[name])]
    if not actions:
        raise malformed("Missing required field Action")
    if not all(isinstance(action, str) for action in actions):
        raise malformed("Syntax error in policy.")
    if not all(action.lower().startswith("sts:") for action in actions):
        raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")
