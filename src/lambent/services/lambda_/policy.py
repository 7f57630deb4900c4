"""Resource policies: statements as AddPermission writes them, and whether a policy lets another account in. Pure.

Sources: Lambda API reference, AddPermission; IAM user guide, "Policy evaluation logic" and "Principal".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambent.arn import partition_of
from lambent.services.lambda_.refusals import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lambent.call import Params

Statement = dict[str, Any]
Document = dict[str, Any]

_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)")
_PERSON = re.compile(
    r"arn:aws[a-zA-Z-]*:(iam::\d{12}:(root|(user|role)/.+)|sts::\d{12}:(assumed-role/.+/.+|federated-user/.+))"
)
_ACCOUNT = re.compile(r"\d{12}")


def new_document(statements: Iterable[Statement]) -> Document:
    """A policy as Lambda makes it when the first permission is added."""
    return {"Version": "2012-10-17", "Id": "default", "Statement": list(statements)}


def statement(params: Params, *, resource: str, region: str) -> Statement:
    """What AddPermission adds. resource: the ARN of what it is added to, as addressed.

    Raises AwsError InvalidParameterValueException.
    """
    if params.get("FunctionUrlAuthType") and params["Action"] != "lambda:InvokeFunctionUrl":
        raise invalid_parameter("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
    made: Statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(params["Principal"], region),
        "Action": params["Action"],
        "Resource": resource,
    }
    condition = _condition(params)
    if condition:
        made["Condition"] = condition
    return made


def lets_in(document: Document | None, *, account: str, action: str, resource: str) -> bool:
    """Whether a policy lets an account do something: a statement allows it, and none denies it.

    A statement that allows and has a condition does not count: what conditions speak of (a source, an organisation) is
    nothing that the call of an account brings. One that denies counts, whatever its condition.
    """
    statements = [] if document is None else _statements(document)
    speaking = [one for one in statements if _speaks_of(one, account, action, resource)]
    if any(one.get("Effect") == "Deny" for one in speaking):
        return False
    return any(one.get("Effect") == "Allow" and not one.get("Condition") for one in speaking)


def _principal(text: str, region: str) -> str | dict[str, str]:
    if text == "*":
        return text
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:{partition_of(region)}:iam::{text}:root"}
    if _PERSON.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise invalid_parameter("The provided principal was invalid. Please check the principal and try again.")


def _condition(params: Params) -> dict[str, dict[str, str]]:
    equals = {
        key: params[name]
        for name, key in (
            ("SourceAccount", "AWS:SourceAccount"),
            ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
            ("EventSourceToken", "lambda:EventSourceToken"),
            ("PrincipalOrgID", "aws:PrincipalOrgID"),
        )
        if params.get(name)
    }
    condition: dict[str, dict[str, str]] = {}
    if equals:
        condition["StringEquals"] = equals
    if params.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    if params.get("InvokedViaFunctionUrl") is not None:
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": str(params["InvokedViaFunctionUrl"]).lower()}
    return condition


def _statements(document: Document) -> list[Statement]:
    found = document.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def _speaks_of(one: Statement, account: str, action: str, resource: str) -> bool:
    return (
        _names_account(one.get("Principal"), account)
        and any(_fits(wanted.lower(), f"lambda:{action}".lower()) for wanted in _texts(one.get("Action")))
        and any(_fits(wanted, resource) for wanted in _texts(one.get("Resource")))
    )


def _fits(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for any characters, `?` for one."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _names_account(principal: str | Mapping[str, Any] | None, account: str) -> bool:
    named = principal if isinstance(principal, str) else (principal or {}).get("AWS")
    whole = re.compile(rf"\*|{account}|arn:aws[a-zA-Z-]*:iam::{account}:root")
    return any(whole.fullmatch(one) for one in _texts(named))


def _texts(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value
