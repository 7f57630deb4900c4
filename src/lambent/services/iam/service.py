"""The operations of IAM that are built, as the wire is given them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.services.iam import (
    access_keys,
    account,
    attachments,
    groups,
    inline,
    instance_profiles,
    linked_roles,
    policies,
    roles,
    tags,
    users,
)
from lambent.services.iam.record import HOLDERS, INSTANCE_PROFILE, POLICY, ROLE, USER

if TYPE_CHECKING:
    from lambent.services.iam.context import Iam
    from lambent.services.iam.table import Operation

_log = logging.getLogger(__name__)
_OPERATIONS: dict[str, Operation] = {
    # Roles
    "CreateRole": roles.create_role,
    "DeleteRole": roles.delete_role,
    "GetRole": roles.get_role,
    "ListRoles": roles.list_roles,
    "UpdateAssumeRolePolicy": roles.update_assume_role_policy,
    "UpdateRole": roles.update_role,
    "UpdateRoleDescription": roles.update_role_description,
    "CreateServiceLinkedRole": linked_roles.create_service_linked_role,
    "DeleteServiceLinkedRole": linked_roles.delete_service_linked_role,
    "GetServiceLinkedRoleDeletionStatus": linked_roles.get_service_linked_role_deletion_status,
    # Users and their keys
    "CreateUser": users.create_user,
    "DeleteUser": users.delete_user,
    "GetUser": users.get_user,
    "ListUsers": users.list_users,
    "UpdateUser": users.update_user,
    "CreateAccessKey": access_keys.create_access_key,
    "DeleteAccessKey": access_keys.delete_access_key,
    "GetAccessKeyLastUsed": access_keys.get_access_key_last_used,
    "ListAccessKeys": access_keys.list_access_keys,
    "UpdateAccessKey": access_keys.update_access_key,
    # Groups
    "AddUserToGroup": groups.add_user_to_group,
    "CreateGroup": groups.create_group,
    "DeleteGroup": groups.delete_group,
    "GetGroup": groups.get_group,
    "ListGroups": groups.list_groups,
    "ListGroupsForUser": groups.list_groups_for_user,
    "RemoveUserFromGroup": groups.remove_user_from_group,
    "UpdateGroup": groups.update_group,
    # Instance profiles
    "AddRoleToInstanceProfile": instance_profiles.add_role_to_instance_profile,
    "CreateInstanceProfile": instance_profiles.create_instance_profile,
    "DeleteInstanceProfile": instance_profiles.delete_instance_profile,
    "GetInstanceProfile": instance_profiles.get_instance_profile,
    "ListInstanceProfiles": instance_profiles.list_instance_profiles,
    "ListInstanceProfilesForRole": instance_profiles.list_instance_profiles_for_role,
    "RemoveRoleFromInstanceProfile": instance_profiles.remove_role_from_instance_profile,
    # Managed policies
    "CreatePolicy": policies.create_policy,
    "CreatePolicyVersion": policies.create_policy_version,
    "DeletePolicy": policies.delete_policy,
    "DeletePolicyVersion": policies.delete_policy_version,
    "GetPolicy": policies.get_policy,
    "GetPolicyVersion": policies.get_policy_version,
    "ListEntitiesForPolicy": policies.list_entities_for_policy,
    "ListPolicies": policies.list_policies,
    "ListPolicyVersions": policies.list_policy_versions,
    "SetDefaultPolicyVersion": policies.set_default_policy_version,
    # The account
    "CreateAccountAlias": account.create_account_alias,
    "DeleteAccountAlias": account.delete_account_alias,
    "GetAccountAuthorizationDetails": account.get_account_authorization_details,
    "GetAccountPasswordPolicy": account.get_account_password_policy,
    "GetAccountSummary": account.get_account_summary,
    "ListAccountAliases": account.list_account_aliases,
    # What cannot be made here, and is looked for when a user is deleted
    "DeleteLoginProfile": users.no_login_profile,
    "GetLoginProfile": users.no_login_profile,
    "ListMFADevices": users.list_none("MFADevices"),
    "ListOpenIDConnectProviders": users.list_none("OpenIDConnectProviderList"),
    "ListSAMLProviders": users.list_none("SAMLProviderList"),
    "ListSSHPublicKeys": users.list_none("SSHPublicKeys"),
    "ListServerCertificates": users.list_none("ServerCertificateMetadataList"),
    "ListServiceSpecificCredentials": users.list_none("ServiceSpecificCredentials"),
    "ListSigningCertificates": users.list_none("Certificates"),
    "ListVirtualMFADevices": users.list_none("VirtualMFADevices"),
}


def _of_holders() -> dict[str, Operation]:
    """What there is for users, groups and roles alike."""
    found: dict[str, Operation] = {}
    for kind in HOLDERS:
        found[f"Put{kind.title}Policy"] = inline.put(kind)
        found[f"Get{kind.title}Policy"] = inline.get(kind)
        found[f"List{kind.title}Policies"] = inline.list_names(kind)
        found[f"Delete{kind.title}Policy"] = inline.delete(kind)
        found[f"Attach{kind.title}Policy"] = attachments.attach(kind)
        found[f"Detach{kind.title}Policy"] = attachments.detach(kind)
        found[f"ListAttached{kind.title}Policies"] = attachments.list_attached(kind)
    for kind in (USER, ROLE):
        found[f"Put{kind.title}PermissionsBoundary"] = attachments.put_boundary(kind)
        found[f"Delete{kind.title}PermissionsBoundary"] = attachments.delete_boundary(kind)
    for kind in (USER, ROLE, INSTANCE_PROFILE, POLICY):
        found[f"Tag{kind.title}"] = tags.tag(kind)
        found[f"Untag{kind.title}"] = tags.untag(kind)
        found[f"List{kind.title}Tags"] = tags.list_tags(kind)
    return found


_ALL = _OPERATIONS | _of_holders()


def service(parts: Iam) -> Service:
    """IAM's table of operations."""
    return Service(
        name="iam",
        operations={name: partial(operation, parts) for name, operation in _ALL.items()},
        fault_code="ServiceFailure",
    )
