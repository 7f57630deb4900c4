"""AddLayerVersionPermission, RemoveLayerVersionPermission, GetLayerVersionPolicy: who else may use a version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import partition_of
from lambent.errors import AwsError
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.layers import repository
from lambent.services.lambda_.layers.names import no_such_version, parse_own_version
from lambent.services.lambda_.refusals import conflict, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.layers.record import LayerName, LayerVersion
    from lambent.store import Tx


async def add_layer_version_permission(service: Lambda, call: Call, params: Params) -> Output:
    """Let another account, or everybody, use a version.

    Raises AwsError ResourceNotFoundException, ResourceConflictException, PreconditionFailedException.
    """
    layer, number = parse_own_version(call, params)
    statement = _statement(layer.version_arn(number), params, call.region)
    revision = await service.store.write(lambda tx: _add(tx, layer, number, statement, params.get("RevisionId")))
    return {"Statement": orjson.dumps(statement).decode(), "RevisionId": revision}


async def remove_layer_version_permission(service: Lambda, call: Call, params: Params) -> Output:
    """Take a statement back. Functions that use the version already go on with it.

    Raises AwsError ResourceNotFoundException, PreconditionFailedException.
    """
    layer, number = parse_own_version(call, params)
    await service.store.write(lambda tx: _remove(tx, layer, number, params["StatementId"], params.get("RevisionId")))
    return {}


async def get_layer_version_policy(service: Lambda, call: Call, params: Params) -> Output:
    """All statements of a version. Raises AwsError ResourceNotFoundException, also where there are none."""
    layer, number = parse_own_version(call, params)
    version = await service.store.read(lambda tx: _existing(tx, layer, number))
    if not version.statements:
        raise _no_policy()
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": version.statements}
    return {"Policy": orjson.dumps(policy).decode(), "RevisionId": version.policy_revision}


def _statement(arn: str, params: Params, region: str) -> dict[str, Any]:
    principal = params["Principal"]
    if principal.isdecimal():
        principal = f"arn:{partition_of(region)}:iam::{principal}:root"
    statement: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"AWS": principal},
        "Action": params["Action"],
        "Resource": arn,
    }
    if params.get("OrganizationId"):
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": params["OrganizationId"]}}
    return statement


def _existing(tx: Tx, layer: LayerName, number: int) -> LayerVersion:
    version = repository.load(tx, layer, number)
    if version is None:
        raise no_such_version(layer.version_arn(number))
    return version


def _add(tx: Tx, layer: LayerName, number: int, statement: dict[str, Any], revision_id: str | None) -> str:
    version = _existing(tx, layer, number)
    _check_revision(version, revision_id)
    statements = version.statements or []
    if any(one["Sid"] == statement["Sid"] for one in statements):
        raise conflict(
            f"The statement id ({statement['Sid']}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    revision = new_revision()
    repository.set_policy(tx, replace(version, statements=[*statements, statement], policy_revision=revision))
    return revision


def _remove(tx: Tx, layer: LayerName, number: int, statement_id: str, revision_id: str | None) -> None:
    version = _existing(tx, layer, number)
    if not version.statements:
        raise _no_policy()
    left = [one for one in version.statements if one["Sid"] != statement_id]
    if len(left) == len(version.statements):
        raise not_found(f"Statement {statement_id} is not found in resource policy.")
    _check_revision(version, revision_id)
    revision = new_revision() if left else None
    repository.set_policy(tx, replace(version, statements=left or None, policy_revision=revision))


def _check_revision(version: LayerVersion, revision_id: str | None) -> None:
    if revision_id and revision_id != version.policy_revision:
        text = (
            "The Revision Id provided does not match the latest Revision Id. "
            "Call the GetLayerPolicy API to retrieve the latest Revision Id"
        )
        raise AwsError("PreconditionFailedException", text, fields={"Type": "User"})


def _no_policy() -> AwsError:
    return not_found("No policy is associated with the given resource.")
