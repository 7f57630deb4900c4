"""Managed policies and their versions, and what they are attached to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambent.services.iam import create, managed, repository, view
from lambent.services.iam.documents import check, encoded, size
from lambent.services.iam.names import existing_policy, own_policy, policy
from lambent.services.iam.paging import page
from lambent.services.iam.record import GROUP, HOLDERS, POLICY, ROLE, USER, Policy, Version, name_key
from lambent.services.iam.refusals import (
    delete_conflict,
    limit_exceeded,
    not_attachable,
    quota_exceeded,
    version_not_found,
)

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity
    from lambent.store import Tx

LIMIT = 6144
"""Characters of a document, without white space."""
MOST_VERSIONS = 5

_FOREIGN_VERSIONS = "Cannot {} policy versions for policies outside your own account."


async def create_policy(service: Iam, call: Call, params: Params) -> Output:
    """Keep a new policy, whose document is version v1.

    Raises AwsError EntityAlreadyExists, InvalidInput, LimitExceeded, MalformedPolicyDocument.
    """
    document = _checked(params["PolicyDocument"])
    columns = create.columns(service, call, POLICY, params)
    found = Policy(**columns, updated_ms=columns["created_ms"], description=params.get("Description"))

    def work(tx: Tx) -> dict[str, Any]:
        create.keep(tx, POLICY, found, params)
        repository.put_version(tx, found.id, Version(1, document, found.created_ms))
        return {**view.policy(call, found, {}, {}), **view.extras(tx, call, found)}

    return {"Policy": await service.store.write(work)}


async def get_policy(service: Iam, call: Call, params: Params) -> Output:
    """A policy, without its document."""

    def work(tx: Tx) -> dict[str, Any]:
        found = existing_policy(tx, call, params["PolicyArn"])
        shown = view.policy(call, found, *_uses(tx, call))
        if found.description is not None:
            shown["Description"] = found.description
        return {**shown, "Tags": repository.tags(tx, found)}

    return {"Policy": await service.store.read(work)}


async def list_policies(service: Iam, call: Call, params: Params) -> Output:
    """The account's policies and those of AWS that Lambent knows, by name."""
    scope, prefix = params.get("Scope") or "All", params.get("PathPrefix") or "/"

    def work(tx: Tx) -> tuple[list[Policy], dict[str, int], dict[str, int]]:
        found = repository.everything(tx, POLICY, call.account) if scope != "AWS" else []
        return [*found, *(managed.everything() if scope != "Local" else [])], *_uses(tx, call)

    found, attached, bounds = await service.store.read(work)
    used = {"PermissionsPolicy": attached, "PermissionsBoundary": bounds}.get(params.get("PolicyUsageFilter") or "")
    if params.get("OnlyAttached"):
        found = [one for one in found if one.id in attached]
    if used is not None:
        found = [one for one in found if one.id in used]
    here = [one for one in found if one.path.startswith(prefix)]
    shown, more = page(here, lambda one: f"{name_key(one.name)}/{one.id}", params)
    return {"Policies": [view.policy(call, one, attached, bounds) for one in shown], **more}


async def delete_policy(service: Iam, call: Call, params: Params) -> Output:
    """Delete a policy that nothing uses and that has one version. Raises AwsError AccessDenied, DeleteConflict."""

    def work(tx: Tx) -> None:
        found = own_policy(tx, call, params["PolicyArn"], "Cannot delete policies outside your own account.")
        if any(found.id in uses for uses in _uses(tx, call)):
            raise delete_conflict("Cannot delete a policy attached to entities.")
        if len(repository.versions(tx, found.id)) > 1:
            raise delete_conflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        repository.delete(tx, found)

    await service.store.write(work)
    return {}


async def list_entities_for_policy(service: Iam, call: Call, params: Params) -> Output:
    """Who a policy is attached to, or whom it bounds."""
    wanted, usage = params.get("EntityFilter"), params.get("PolicyUsageFilter") or "PermissionsPolicy"
    prefix = params.get("PathPrefix") or "/"
    find = repository.bounded_by if usage == "PermissionsBoundary" else repository.attached_to

    def work(tx: Tx) -> list[tuple[AnyKind, Entity]]:
        found = policy(tx, call, params["PolicyArn"])
        if found is None:
            raise not_attachable(params["PolicyArn"])
        kinds = [kind for kind in HOLDERS if wanted in {None, kind.title}]
        return [(kind, one) for kind in kinds for one in find(tx, kind, call.account, found.id)]

    users = [(kind, one) for kind, one in await service.store.read(work) if one.path.startswith(prefix)]
    shown, more = page(users, lambda pair: f"{pair[0].name} {name_key(pair[1].name)}", params)
    lists = {
        f"Policy{kind.title}s": [
            {kind.member: one.name, f"{kind.title}Id": one.id} for its, one in shown if its is kind
        ]
        for kind in (GROUP, USER, ROLE)
    }
    return {**lists, **more}


# --- versions


async def create_policy_version(service: Iam, call: Call, params: Params) -> Output:
    """Keep another document of a policy. Raises AwsError LimitExceeded, MalformedPolicyDocument, NoSuchEntity."""
    document = _checked(params["PolicyDocument"])
    now_ms = service.now_ms()

    def work(tx: Tx) -> tuple[Policy, Version]:
        found = own_policy(tx, call, params["PolicyArn"], _FOREIGN_VERSIONS.format("create"))
        if len(repository.versions(tx, found.id)) >= MOST_VERSIONS:
            raise limit_exceeded(
                f"A managed policy can have up to {MOST_VERSIONS} versions. "
                "Before you create a new version, you must delete an existing version."
            )
        number = found.last_version + 1
        default = number if params.get("SetAsDefault") else found.default_version
        found = replace(found, last_version=number, default_version=default, updated_ms=now_ms)
        repository.save(tx, POLICY, found)
        version = Version(number, document, now_ms)
        repository.put_version(tx, found.id, version)
        return found, version

    return {"PolicyVersion": view.version(*await service.store.write(work))}


async def get_policy_version(service: Iam, call: Call, params: Params) -> Output:
    """A version of a policy with its document. Raises AwsError NoSuchEntity."""

    def work(tx: Tx) -> dict[str, Any]:
        found = policy(tx, call, params["PolicyArn"])
        if found is None:
            raise version_not_found(params["PolicyArn"], params["VersionId"])
        one = _existing_version(tx, found, params)
        return {"Document": encoded(one.document), **view.version(found, one)}

    return {"PolicyVersion": await service.store.read(work)}


async def list_policy_versions(service: Iam, call: Call, params: Params) -> Output:
    """The versions of a policy, the newest first."""

    def work(tx: Tx) -> tuple[Policy, list[Version]]:
        found = existing_policy(tx, call, params["PolicyArn"])
        return found, _versions(tx, found)

    found, versions = await service.store.read(work)
    shown, more = page(versions, lambda one: f"{10**9 - one.number:09d}", params)
    return {"Versions": [view.version(found, one) for one in shown], **more}


async def set_default_policy_version(service: Iam, call: Call, params: Params) -> Output:
    """Let another version be in force. Raises AwsError AccessDenied, NoSuchEntity."""

    def work(tx: Tx) -> None:
        found = own_policy(tx, call, params["PolicyArn"], "Cannot update policies outside your own account.")
        number = _existing_version(tx, found, params).number
        repository.save(tx, POLICY, replace(found, default_version=number, updated_ms=service.now_ms()))

    await service.store.write(work)
    return {}


async def delete_policy_version(service: Iam, call: Call, params: Params) -> Output:
    """Delete a version that is not in force. Raises AwsError AccessDenied, DeleteConflict, NoSuchEntity."""

    def work(tx: Tx) -> None:
        found = own_policy(tx, call, params["PolicyArn"], _FOREIGN_VERSIONS.format("delete"))
        version = _existing_version(tx, found, params)
        if version.number == found.default_version:
            raise delete_conflict("Cannot delete the default version of a policy.")
        repository.delete_version(tx, found.id, version.number)

    await service.store.write(work)
    return {}


def details(tx: Tx, call: Call, found: Policy) -> dict[str, Any]:
    """A policy with all its versions and their documents."""
    versions = [{"Document": encoded(one.document), **view.version(found, one)} for one in _versions(tx, found)]
    return {**view.policy(call, found, *_uses(tx, call)), "PolicyVersionList": versions}


def _versions(tx: Tx, found: Policy) -> list[Version]:
    return [managed.version(found)] if found.is_aws else repository.versions(tx, found.id)


def _existing_version(tx: Tx, found: Policy, params: Params) -> Version:
    for one in _versions(tx, found):
        if f"v{one.number}" == params["VersionId"]:
            return one
    raise version_not_found(params["PolicyArn"], params["VersionId"])


def _checked(document: str) -> str:
    check(document)
    if size(document) > LIMIT:
        raise quota_exceeded("PolicySize", LIMIT)
    return document


def _uses(tx: Tx, call: Call) -> tuple[dict[str, int], dict[str, int]]:
    return repository.attachment_counts(tx, call.account), repository.boundary_counts(tx, call.account)
