"""A version of a layer as it is kept. Versions never change; only who may use one does.

Source: Lambda API reference, LayerVersionsListItem and GetLayerVersion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from lambent.arn import partition_of
from lambent.services.lambda_.record import Code
from lambent.services.lambda_.view import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Row


class LayerName(NamedTuple):
    """Where a layer is."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        """Without a version."""
        return f"arn:{partition_of(self.region)}:lambda:{self.region}:{self.account}:layer:{self.name}"

    def version_arn(self, version: int) -> str:
        """The ARN of a version, whether it is there or not."""
        return f"{self.arn}:{version}"


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a layer."""

    layer: LayerName
    version: int
    description: str
    license: str | None
    runtimes: list[str]
    """Those that its maker says it is for; nothing else is refused."""
    architectures: list[str]
    code: Code
    unzipped_bytes: int
    created_ms: int
    statements: list[dict[str, Any]] | None = None
    """Who else may use it; None where nobody was ever named."""
    policy_revision: str | None = None

    @property
    def arn(self) -> str:
        """With the version."""
        return self.layer.version_arn(self.version)

    def listed(self) -> dict[str, Any]:
        """The shape LayerVersionsListItem."""
        view: dict[str, Any] = {
            "LayerVersionArn": self.arn,
            "Version": self.version,
            "Description": self.description,
            "CreatedDate": timestamp(self.created_ms),
            "CompatibleRuntimes": self.runtimes,
            "CompatibleArchitectures": self.architectures,
        }
        if self.license is not None:
            view["LicenseInfo"] = self.license
        return view

    def whole(self, location: str) -> dict[str, Any]:
        """What GetLayerVersion answers. location: a link to the zip."""
        content = {"Location": location, "CodeSha256": self.code.sha256, "CodeSize": self.code.size_bytes}
        return {**self.listed(), "LayerArn": self.layer.arn, "Content": content}

    def allows(self, account: str) -> bool:
        """Whether an account may use it: its owner's, and those that its policy names."""
        return account == self.layer.account or any(_names(one, account) for one in self.statements or ())


def _names(statement: Mapping[str, Any], account: str) -> bool:
    """Whether a statement is about an account. There are no organizations here, so that nobody belongs to one."""
    if "Condition" in statement:
        return False
    principal = statement["Principal"]
    return bool(principal == "*" or principal["AWS"].split(":")[4] == account)


def to_row(version: LayerVersion) -> dict[str, Any]:
    """The columns of a version."""
    return {
        **version.layer._asdict(),
        "version": version.version,
        "description": version.description,
        "license": version.license,
        "runtimes": orjson.dumps(version.runtimes).decode(),
        "architectures": orjson.dumps(version.architectures).decode(),
        "code_blob": version.code.blob,
        "code_sha256": version.code.sha256,
        "code_size": version.code.size_bytes,
        "unzipped_size": version.unzipped_bytes,
        "policy": None if version.statements is None else orjson.dumps(version.statements).decode(),
        "policy_revision": version.policy_revision,
        "created_at": version.created_ms,
    }


def from_row(row: Row) -> LayerVersion:
    """The version of a row."""
    return LayerVersion(
        layer=LayerName(row["account"], row["region"], row["name"]),
        version=row["version"],
        description=row["description"],
        license=row["license"],
        runtimes=orjson.loads(row["runtimes"]),
        architectures=orjson.loads(row["architectures"]),
        code=Code(row["code_blob"], row["code_sha256"], row["code_size"]),
        unzipped_bytes=row["unzipped_size"],
        created_ms=row["created_at"],
        statements=None if row["policy"] is None else orjson.loads(row["policy"]),
        policy_revision=row["policy_revision"],
    )
