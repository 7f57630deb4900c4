"""How entities are named in ARNs, and how those that a call names are found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.arn import partition_of
from lambent.services.iam import managed, repository
from lambent.services.iam.record import AWS, POLICY
from lambent.services.iam.refusals import access_denied, already_exists, invalid, not_found, policy_not_found

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.iam.record import AnyKind, E, Entity, Kind, Policy
    from lambent.store import Tx

_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy((?:/[A-Za-z0-9.,+@=_-]+)*/)([\w+=,.@-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PolicyName:
    """A managed policy as a client addressed it."""

    account: str
    path: str
    name: str
    arn: str


def arn(call: Call, kind: AnyKind, entity: Entity) -> str:
    """An entity's ARN, in the partition of the call's region."""
    return f"arn:{partition_of(call.region)}:iam::{entity.account}:{kind.name}{entity.path}{entity.name}"


def existing(tx: Tx, kind: Kind[E], account: str, name: str) -> E:
    """The entity with exactly this name. Raises AwsError NoSuchEntity."""
    found = repository.load(tx, kind, account, name)
    if found is None or found.name != name:
        raise not_found(kind, name)
    return found


def addressed(tx: Tx, call: Call, kind: Kind[E], params: Params) -> E:
    """The entity that the parameter of its kind names. Raises AwsError NoSuchEntity."""
    return existing(tx, kind, call.account, params[kind.member])


def check_free(tx: Tx, kind: AnyKind, account: str, name: str) -> None:
    """Refuse a name that is taken, in whatever case. Raises AwsError EntityAlreadyExists."""
    if repository.load(tx, kind, account, name) is not None:
        raise already_exists(kind, name)


def parse_policy(text: str) -> PolicyName:
    """Take a managed policy's ARN apart. Raises AwsError ValidationError."""
    form = _POLICY_ARN.fullmatch(text)
    if form is None:
        raise invalid(f"ARN {text} is not valid.")
    return PolicyName(form[1], form[2], form[3], text)


def policy(tx: Tx, call: Call, text: str) -> Policy | None:
    """The managed policy with this ARN, the caller's or AWS's; None where there is none. Raises ValidationError."""
    named = parse_policy(text)
    if named.account == AWS:
        return managed.named(named.path, named.name)
    if named.account != call.account:
        return None
    found = repository.load(tx, POLICY, call.account, named.name)
    return found if found is not None and (found.name, found.path) == (named.name, named.path) else None


def existing_policy(tx: Tx, call: Call, text: str) -> Policy:
    """The managed policy with this ARN. Raises AwsError NoSuchEntity, ValidationError."""
    found = policy(tx, call, text)
    if found is None:
        raise policy_not_found(text)
    return found


def own_policy(tx: Tx, call: Call, text: str, refusal: str) -> Policy:
    """The caller's managed policy with this ARN, to be changed.

    Raises AwsError AccessDenied with the words `refusal` for AWS's and for other accounts', NoSuchEntity.
    """
    if parse_policy(text).account != call.account:
        raise access_denied(refusal)
    return existing_policy(tx, call, text)


def policy_by_id(tx: Tx, policy_id: str) -> Policy:
    """A policy that something refers to; it is there, since policies in use are not deleted."""
    found = managed.by_id(policy_id) or repository.load_by_id(tx, POLICY, policy_id)
    if found is None:
        raise AssertionError(f"policy {policy_id} is in use and does not exist")
    return found
