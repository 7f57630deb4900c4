"""Policy documents that say what their holders may do: read, checked, measured, and told to clients. Pure.

IAM keeps a document as it was sent, and returns it percent-encoded. The order of the checks and their words are AWS's.
Which services, actions and condition keys exist is not checked, as on AWS.

Source: IAM user guide, "Grammar of the IAM JSON policy language"; AWS's answers as moto and bug reports have them.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from lambent.services.iam.refusals import malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
EFFECTS = frozenset(("Allow", "Deny"))

_TOP = frozenset(("Version", "Id", "Statement"))
_PRINCIPALS = frozenset(("Principal", "NotPrincipal"))
_STATEMENT = frozenset(("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"))
_VERSIONS = ("2008-10-17", "2012-10-17")
_SID = re.compile("[0-9A-Za-z]*")
_OPERATOR = re.compile(
    "(?:ForAnyValue:|ForAllValues:)?(?:"
    "String(?:Not)?(?:Equals|EqualsIgnoreCase|Like)|Numeric(?:Not)?Equals|Date(?:Not)?Equals"
    "|(?:Numeric|Date)(?:Less|Greater)Than(?:Equals)?|Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like)"
    ")(?:IfExists)?|(?:ForAnyValue:|ForAllValues:)?Null"
)
_VENDOR = re.compile(r"[a-zA-Z0-9\-.]+|\*")
_PARTITION = re.compile(r"aws(?:-[a-z-]+)?|\*")
_SPACE = re.compile(r"\s+")


def encoded(document: str) -> str:
    """A document as answers carry it: percent-encoded after RFC 3986."""
    return quote(document, safe="")


def size(document: str) -> int:
    """Characters of a document as limits count them: without white space."""
    return len(_SPACE.sub("", document))


def check(document: str) -> None:
    """Refuse what cannot be an identity's policy. Raises AwsError MalformedPolicyDocument."""
    policy = parse(document)
    if policy is None or not policy.keys() <= _TOP or policy.get("Version", "2012-10-17") not in _VERSIONS:
        raise malformed(SYNTAX)
    found = statements(policy)
    if any(not isinstance(one, dict) for one in found) or not found:
        raise malformed(SYNTAX)
    if any(_PRINCIPALS & one.keys() for one in found):
        raise malformed("Policy document should not specify a principal.")
    if not isinstance(policy.get("Id", ""), str) or not all(map(_well_formed, found)):
        raise malformed(SYNTAX)
    if policy.get("Version") != "2012-10-17":
        raise malformed("Policy document must be version 2012-10-17 or greater.")
    _check_meaning(found)


def parse(document: str) -> dict[str, Any] | None:
    """A document's JSON object, None where it is none."""
    try:
        policy = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    return policy if isinstance(policy, dict) else None


def statements(policy: dict[str, Any]) -> list[Any]:
    """A policy's statements, of which there may be one without a list around it."""
    found = policy.get("Statement", [])
    return found if isinstance(found, list) else [found]


def texts(value: Any) -> list[str]:
    """One text or several, as policies have them."""
    return value if isinstance(value, list) else [value]


def _well_formed(statement: dict[str, Any]) -> bool:
    effect = statement.get("Effect")
    return (
        statement.keys() <= _STATEMENT
        and not {"Action", "NotAction"} <= statement.keys()
        and not {"Resource", "NotResource"} <= statement.keys()
        and isinstance(effect, str)
        and effect.capitalize() in EFFECTS
        and isinstance(statement.get("Sid", ""), str)
        and all(_are_texts(statement[name]) for name in _STATEMENT - {"Condition"} if name in statement)
        and _is_condition(statement.get("Condition", {}))
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _is_condition(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(keys, dict) and (not keys or _OPERATOR.fullmatch(operator) is not None) and _are_values(keys)
        for operator, keys in value.items()
    )


def _are_values(keys: dict[str, Any]) -> bool:
    """Texts, numbers and booleans, alone or in lists."""
    values = chain.from_iterable(one if isinstance(one, list) else [one] for one in keys.values())
    return all(isinstance(value, str | int | float) for value in values)


def _check_meaning(found: list[dict[str, Any]]) -> None:
    if any(one["Effect"] not in EFFECTS for one in found):
        raise malformed(LEGACY)
    _check_sids(found)
    for names, what in ((("Action", "NotAction"), "actions"), (("Resource", "NotResource"), "resources")):
        if not all(list(_all(one, names)) for one in found):
            raise malformed(f"Policy statement must contain {what}.")
    for statement in found:
        for resource in _all(statement, ("Resource", "NotResource")):
            _check_resource(resource)
    for statement in found:
        for action in _all(statement, ("Action", "NotAction")):
            _check_action(action)


def _check_sids(found: list[dict[str, Any]]) -> None:
    sids = [one["Sid"] for one in found if one.get("Sid")]
    if len(set(sids)) != len(sids):
        raise malformed("Statement IDs (SID) in a single policy must be unique.")
    if not all(_SID.fullmatch(sid) for sid in sids):
        raise malformed(
            "Statement IDs (SID) must be alpha-numeric. "
            "Check that your input satisfies the regular expression [0-9A-Za-z]*"
        )


def _all(statement: dict[str, Any], names: tuple[str, str]) -> Iterator[str]:
    for name in names:
        if name in statement:
            yield from texts(statement[name])


def _check_resource(resource: str) -> None:
    if resource == "*":
        return
    head, colon, rest = resource.partition(":")
    if not colon or head not in {"arn", "*"}:
        raise malformed(f'Resource {resource} must be in ARN format or "*".')
    partition, colon, rest = rest.partition(":")
    if _PARTITION.fullmatch(partition) is None:
        raise malformed(f'Partition "{partition}" is not valid for resource "{resource}".')
    if not colon:
        raise malformed("Resource vendor must be fully qualified and cannot contain regexes.")
    vendor, _, rest = rest.partition(":")
    if not vendor or ("::" in resource and resource.count(":") < 5):
        raise malformed(LEGACY)
    if vendor == "iam" and rest.partition(":")[0]:
        raise malformed(f"IAM resource {resource} cannot contain region information.")


def _check_action(action: str) -> None:
    vendor, colon, name = action.partition(":")
    if not colon and action != "*":
        raise malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    if ":" in name:
        raise malformed("Actions/Condition can contain only one colon.")
    if _VENDOR.fullmatch(vendor) is None:
        raise malformed(f"Vendor {vendor} is not valid")
