"""What concerns a whole account: its alias, its numbers, and everything at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.iam import attachments, inline, managed, policies, repository, view
from lambent.services.iam.documents import encoded
from lambent.services.iam.paging import page
from lambent.services.iam.record import GROUP, INSTANCE_PROFILE, POLICY, ROLE, USER, Policy, Role, name_key
from lambent.services.iam.refusals import no_such_entity

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.services.iam.record import AnyKind, Entity
    from lambent.store import Tx

_FILTERS = {"User": USER, "Group": GROUP, "Role": ROLE, "LocalManagedPolicy": POLICY, "AWSManagedPolicy": None}
_QUOTAS = {
    "UsersQuota": USER.most,
    "GroupsQuota": GROUP.most,
    "RolesQuota": ROLE.most,
    "InstanceProfilesQuota": INSTANCE_PROFILE.most,
    "PoliciesQuota": POLICY.most,
    "UserPolicySizeQuota": inline.LIMITS[USER.name],
    "GroupPolicySizeQuota": inline.LIMITS[GROUP.name],
    "RolePolicySizeQuota": inline.LIMITS[ROLE.name],
    "PolicySizeQuota": policies.LIMIT,
    "AssumeRolePolicySizeQuota": 2048,
    "VersionsPerPolicyQuota": policies.MOST_VERSIONS,
    "PolicyVersionsInUseQuota": 10_000,
    "AttachedPoliciesPerUserQuota": attachments.MOST,
    "AttachedPoliciesPerGroupQuota": attachments.MOST,
    "AttachedPoliciesPerRoleQuota": attachments.MOST,
    "AccessKeysPerUserQuota": 2,
    "GroupsPerUserQuota": 10,
    "SigningCertificatesPerUserQuota": 2,
    "ServerCertificatesQuota": 20,
    "GlobalEndpointTokenVersion": 1,
}
_NONE = tuple(
    (
        "ServerCertificates MFADevices MFADevicesInUse AccountMFAEnabled AccountAccessKeysPresent "
        "AccountPasswordPresent AccountSigningCertificatesPresent Providers"
    ).split()
)
"""What cannot be made here."""


async def create_account_alias(service: Iam, call: Call, params: Params) -> Output:
    """Give the account its one alias, in place of the one before. Raises AwsError EntityAlreadyExists."""
    alias = params["AccountAlias"]

    def work(tx: Tx) -> None:
        if repository.account_of_alias(tx, alias) is not None:
            raise AwsError("EntityAlreadyExists", f"The account alias {alias} already exists.", status=409)
        repository.put_alias(tx, call.account, alias)

    await service.store.write(work)
    return {}


async def list_account_aliases(service: Iam, call: Call, params: Params) -> Output:
    """The account's alias, if it has one."""
    alias = await service.store.read(lambda tx: repository.alias(tx, call.account))
    shown, more = page([] if alias is None else [alias], str, params)
    return {"AccountAliases": shown, **more}


async def delete_account_alias(service: Iam, call: Call, params: Params) -> Output:
    """Take the account's alias away. Raises AwsError NoSuchEntity."""
    alias = params["AccountAlias"]
    if not await service.store.write(lambda tx: repository.delete_alias(tx, call.account, alias)):
        raise no_such_entity(f"The account alias with name {alias} cannot be found.")
    return {}


async def get_account_summary(service: Iam, call: Call, params: Params) -> Output:
    """How much there is, and how much there may be."""
    del params

    def work(tx: Tx) -> dict[str, int]:
        counts = repository.counts(tx, call.account)
        return {
            "Users": counts.get(USER.name, 0),
            "Groups": counts.get(GROUP.name, 0),
            "Roles": counts.get(ROLE.name, 0),
            "InstanceProfiles": counts.get(INSTANCE_PROFILE.name, 0),
            "Policies": counts.get(POLICY.name, 0),
            "PolicyVersionsInUse": repository.version_count(tx, call.account),
        }

    return {"SummaryMap": {**await service.store.read(work), **_QUOTAS, **dict.fromkeys(_NONE, 0)}}


async def get_account_password_policy(service: Iam, call: Call, params: Params) -> Output:
    """There are no passwords, hence no policy of them."""
    del service, params
    raise no_such_entity(f"The Password Policy with domain name {call.account} cannot be found.")


async def get_account_authorization_details(service: Iam, call: Call, params: Params) -> Output:
    """Every user, group, role and policy of the account with all that is set of them, in pages.

    AWS's managed policies are shown where they are attached to something, as on AWS.
    """
    wanted = params.get("Filter") or list(_FILTERS)

    def work(tx: Tx) -> dict[str, Any]:
        found: list[tuple[str, Entity]] = [
            (name, one)
            for name, kind in _FILTERS.items()
            if name in wanted
            for one in (_attached_of_aws(tx, call) if kind is None else _all(tx, kind, call))
        ]
        shown, more = page(found, lambda pair: f"{pair[0]} {name_key(pair[1].name)} {pair[1].id}", params)
        lists: dict[str, list[dict[str, Any]]] = {
            "UserDetailList": [_holder(tx, call, USER, one) for name, one in shown if name == "User"],
            "GroupDetailList": [_holder(tx, call, GROUP, one) for name, one in shown if name == "Group"],
            "RoleDetailList": [_role(tx, call, one) for _, one in shown if isinstance(one, Role)],
            "Policies": [policies.details(tx, call, one) for _, one in shown if isinstance(one, Policy)],
        }
        return {**lists, **more}

    return await service.store.read(work)


def _all(tx: Tx, kind: AnyKind, call: Call) -> list[Entity]:
    return repository.everything(tx, kind, call.account)


def _attached_of_aws(tx: Tx, call: Call) -> list[Entity]:
    used = repository.attachment_counts(tx, call.account).keys() | repository.boundary_counts(tx, call.account).keys()
    return [one for one in managed.everything() if one.id in used]


def _holder(tx: Tx, call: Call, kind: AnyKind, one: Entity) -> dict[str, Any]:
    own = repository.inline_policies(tx, one)
    shown = {
        **view.plain(call, kind, one),
        f"{kind.title}PolicyList": [
            {"PolicyName": name, "PolicyDocument": encoded(text)} for name, text in own.items()
        ],
        "AttachedManagedPolicies": [attachments.attachment(call, each) for each in attachments.attached(tx, one)],
        **view.extras(tx, call, one),
    }
    if kind is USER:
        shown["GroupList"] = [group.name for group in repository.holders(tx, GROUP, one)]
    return shown


def _role(tx: Tx, call: Call, role: Role) -> dict[str, Any]:
    profiles = repository.holders(tx, INSTANCE_PROFILE, role)
    return {
        **_holder(tx, call, ROLE, role),
        "AssumeRolePolicyDocument": encoded(role.trust_policy),
        "InstanceProfileList": [view.instance_profile(tx, call, profile) for profile in profiles],
        "RoleLastUsed": {},
    }
