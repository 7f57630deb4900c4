"""Put-, Get- and DeleteResourcePolicy: the same policies as those of `permissions`, as whole documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.lambda_ import policies
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.permissions import check_revision, no_policy, put_policy
from lambent.services.lambda_.policies import Policy, qualifier_of
from lambent.services.lambda_.qualified import existing_resource
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import invalid_parameter, not_built

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.policy import Document
    from lambent.store import Tx

_ELEMENTS = frozenset(("Sid", "Effect", "Principal", "Action", "Resource", "Condition"))
_NOT_READ = frozenset(("NotPrincipal", "NotAction", "NotResource"))


async def put_resource_policy(service: Lambda, call: Call, params: Params) -> Output:
    """Put a policy in the place of whatever there was.

    Raises AwsError InvalidParameterValueException, PolicyLengthExceededException, PreconditionFailedException,
    ResourceNotFoundException.
    """
    named, document = _named(call, params), _document(params["Policy"])
    policy = await service.store.write(lambda tx: _put(tx, named, document, params.get("RevisionId")))
    service.directory.forget_policies(named.key)
    return _view(policy)


async def get_resource_policy(service: Lambda, call: Call, params: Params) -> Output:
    """A policy. Raises AwsError ResourceNotFoundException."""
    named = _named(call, params)
    found = await service.store.read(lambda tx: policies.load(tx, named.key, qualifier_of(named.qualifier)))
    if found is None:
        raise no_policy()
    return _view(found)


async def delete_resource_policy(service: Lambda, call: Call, params: Params) -> Output:
    """Take a policy away. Raises AwsError PreconditionFailedException, ResourceNotFoundException."""
    named = _named(call, params)
    await service.store.write(lambda tx: _delete(tx, named, params.get("RevisionId")))
    service.directory.forget_policies(named.key)
    return {}


def _named(call: Call, params: Params) -> FunctionName:
    arn = params["ResourceArn"]
    if arn.split(":")[5] != "function":
        raise not_built("policies of other resources than functions (ResourceArn)")
    named = parse(call, arn)
    if named.qualifier == LATEST:
        raise invalid_parameter("We currently do not support adding policies for $LATEST.")
    return named


def _document(text: str) -> Document:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise invalid_parameter(f"The policy is not valid JSON: {problem}") from None
    found = document.get("Statement") if isinstance(document, dict) else None
    statements = [found] if isinstance(found, dict) else found
    if not isinstance(statements, list) or not statements:
        raise invalid_parameter("The policy must be an object with at least one Statement.")
    for one in statements:
        _check(one)
    return {**document, "Statement": statements}


def _check(one: Any) -> None:
    if not isinstance(one, dict):
        raise invalid_parameter("Each Statement of the policy must be an object.")
    if _NOT_READ & one.keys():
        raise not_built(f"policies with {', '.join(sorted(_NOT_READ & one.keys()))}")
    if unknown := one.keys() - _ELEMENTS:
        raise invalid_parameter(f"A Statement of the policy has unknown elements: {', '.join(sorted(unknown))}.")
    if one.get("Effect") not in {"Allow", "Deny"}:
        raise invalid_parameter("The Effect of each Statement of the policy must be Allow or Deny.")
    if not _is_principal(one.get("Principal")) or not _is_texts(one.get("Action")):
        raise invalid_parameter("Each Statement of the policy must have a Principal and an Action.")
    if not _is_texts(one.get("Resource")) or not isinstance(one.get("Condition", {}), dict):
        raise invalid_parameter("Each Statement of the policy must have a Resource, and a Condition is an object.")


def _is_principal(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(_is_texts(named) for named in value.values())
    return bool(value == "*")


def _is_texts(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _put(tx: Tx, named: FunctionName, document: Document, revision_id: str | None) -> Policy:
    existing_resource(tx, named)
    check_revision(policies.load(tx, named.key, qualifier_of(named.qualifier)), revision_id)
    return put_policy(tx, named, document)


def _delete(tx: Tx, named: FunctionName, revision_id: str | None) -> None:
    found = policies.load(tx, named.key, qualifier_of(named.qualifier))
    if found is None:
        raise no_policy()
    check_revision(found, revision_id)
    policies.delete(tx, named.key, qualifier_of(named.qualifier))


def _view(policy: Policy) -> dict[str, str]:
    return {"Policy": policy.text, "RevisionId": policy.revision_id}
