"""AddPermission, RemovePermission, GetPolicy: who may use a function, one of its versions, or one of its aliases.

What is granted to services is kept for those that call functions; what is granted to accounts lets them in
(`callee`). Source: developer guide, "Working with resource-based IAM policies in Lambda".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambent.errors import AwsError
from lambent.services.lambda_ import policies, repository
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.policies import qualifier_of
from lambent.services.lambda_.policy import Statement, new_document, statement
from lambent.services.lambda_.qualified import existing_resource, is_alias
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import (
    conflict,
    invalid_parameter,
    not_found,
    revision_mismatch,
)

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.policies import Policy
    from lambent.store import Tx

_LIMIT = 20_480


async def add_permission(service: Lambda, call: Call, params: Params) -> Output:
    """Add a statement to a policy.

    Raises AwsError InvalidParameterValueException, PolicyLengthExceededException, PreconditionFailedException,
    ResourceConflictException, ResourceNotFoundException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    if named.qualifier == LATEST:
        raise invalid_parameter("We currently do not support adding policies for $LATEST.")
    added = statement(params, resource=named.qualified_arn, region=named.region)
    await service.store.write(lambda tx: _add(tx, named, added, params.get("RevisionId")))
    service.directory.forget_policies(named.key)
    return {"Statement": orjson.dumps(added).decode()}


async def remove_permission(service: Lambda, call: Call, params: Params) -> Output:
    """Take a statement out of a policy; with the last one the policy is gone.

    Raises AwsError PreconditionFailedException, ResourceNotFoundException.
    """
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    await service.store.write(lambda tx: _remove(tx, named, params["StatementId"], params.get("RevisionId")))
    service.directory.forget_policies(named.key)
    return {}


async def get_policy(service: Lambda, call: Call, params: Params) -> Output:
    """The policy of a function, version or alias. Raises AwsError ResourceNotFoundException."""
    named = parse(call, params["FunctionName"], params.get("Qualifier"))
    found = await service.store.read(lambda tx: policies.load(tx, named.key, qualifier_of(named.qualifier)))
    if found is None:
        raise no_policy()
    return {"Policy": found.text, "RevisionId": found.revision_id}


def no_policy() -> AwsError:
    """404 for a policy that was asked for."""
    return not_found("The resource you requested does not exist.")


def put_policy(tx: Tx, named: FunctionName, document: dict[str, object]) -> Policy:
    """Keep a policy as it is now; as it is kept. Raises AwsError PolicyLengthExceededException."""
    text = orjson.dumps(document)
    if len(text) > _LIMIT:
        raise AwsError(
            "PolicyLengthExceededException",
            f"The final policy size ({len(text)}) is bigger than the limit ({_LIMIT}).",
            fields={"Type": "User"},
        )
    policy = policies.Policy(document, text.decode(), new_revision())
    policies.put(tx, named.key, qualifier_of(named.qualifier), text=policy.text, revision_id=policy.revision_id)
    return policy


def check_revision(found: Policy | None, revision_id: str | None) -> None:
    """Refuse a change by a client that did not see the policy as it is; a policy that is not there is none it saw."""
    if revision_id and (found is None or found.revision_id != revision_id):
        raise revision_mismatch("GetPolicy")


def _add(tx: Tx, named: FunctionName, added: Statement, revision_id: str | None) -> None:
    existing_resource(tx, named)
    found = policies.load(tx, named.key, qualifier_of(named.qualifier))
    check_revision(found, revision_id)
    document = new_document([]) if found is None else found.document
    if any(one.get("Sid") == added["Sid"] for one in document["Statement"]):
        raise conflict(
            f"The statement id ({added['Sid']}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    put_policy(tx, named, {**document, "Statement": [*document["Statement"], added]})


def _remove(tx: Tx, named: FunctionName, sid: str, revision_id: str | None) -> None:
    if repository.load(tx, named.key) is None:
        raise not_found(f"No policy found for: {named.arn}")
    if named.qualifier is not None and is_alias(named.qualifier):
        existing_resource(tx, named)
    found = policies.load(tx, named.key, qualifier_of(named.qualifier))
    if found is None:
        raise not_found("No policy is associated with the given resource.")
    check_revision(found, revision_id)
    left = [one for one in found.document["Statement"] if one.get("Sid") != sid]
    if len(left) == len(found.document["Statement"]):
        raise not_found(f"Statement {sid} is not found in resource policy.")
    if left:
        put_policy(tx, named, {**found.document, "Statement": left})
    else:
        policies.delete(tx, named.key, qualifier_of(named.qualifier))
