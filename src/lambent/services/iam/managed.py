"""The policies that AWS manages and that users of Lambda reach for, as data: AWS's own documents.

`managed_policies.json` has one policy a line. They are the same in every account and no rows of the database.
Another policy of AWS's cannot be attached, and the refusal names it.

Source: AWS managed policy reference guide, as of 2026.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson

from lambent.services.iam.record import AWS, POLICY, Policy, Version

if TYPE_CHECKING:
    from collections.abc import Mapping


def named(path: str, name: str) -> Policy | None:
    """The policy with this path and name, None where there is none."""
    policy = _by_name().get(name)
    return policy if policy is not None and policy.path == path else None


def by_id(policy_id: str) -> Policy | None:
    """The policy with this id, None where there is none."""
    return _by_id().get(policy_id)


def everything() -> list[Policy]:
    """All of them by name."""
    return list(_by_name().values())


def version(policy: Policy) -> Version:
    """The one version of a policy that is known: its default."""
    return Version(policy.default_version, _documents()[policy.name], policy.updated_ms)


@cache
def _entries() -> list[dict[str, Any]]:
    text = files("lambent.services.iam").joinpath("managed_policies.json").read_bytes()
    found: list[dict[str, Any]] = orjson.loads(text)
    return found


@cache
def _by_name() -> Mapping[str, Policy]:
    return MappingProxyType({entry["name"]: _policy(entry) for entry in _entries()})


@cache
def _by_id() -> Mapping[str, Policy]:
    return MappingProxyType({policy.id: policy for policy in everything()})


@cache
def _documents() -> Mapping[str, str]:
    return MappingProxyType({entry["name"]: orjson.dumps(entry["document"]).decode() for entry in _entries()})


def _policy(entry: Mapping[str, Any]) -> Policy:
    return Policy(
        id=_id(entry["name"]),
        account=AWS,
        name=entry["name"],
        path=entry["path"],
        created_ms=_ms(entry["created"]),
        updated_ms=_ms(entry["updated"]),
        default_version=entry["version"],
        last_version=entry["version"],
    )


def _id(name: str) -> str:
    """An id that is the same on every machine; AWS's own are not published."""
    digest = hashlib.sha256(name.encode()).digest()
    return POLICY.prefix + base64.b32encode(digest)[:17].decode()


def _ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
