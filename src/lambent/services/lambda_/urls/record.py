"""A function URL as it is kept.

Source: Lambda API reference, FunctionUrlConfig.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from lambent.arn import function_arn
from lambent.services.lambda_.urls import address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.store import Row

NONE = "NONE"
AWS_IAM = "AWS_IAM"
BUFFERED = "BUFFERED"
RESPONSE_STREAM = "RESPONSE_STREAM"

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """The URL of a function or of one of its aliases."""

    id: str
    """What its host begins with; never changes, and is never given again."""
    account: str
    region: str
    name: str
    alias: str | None
    """None for the URL of the function itself, which is `$LATEST`."""
    auth_type: str
    """`NONE` or `AWS_IAM`."""
    invoke_mode: str | None
    """`BUFFERED` or `RESPONSE_STREAM`; None where it was never sent, which means BUFFERED."""
    cors: Mapping[str, Any] | None
    """The members of AWS's shape Cors that were sent; None where no origin is treated as a foreign one."""
    created_ms: int
    modified_ms: int

    @property
    def arn(self) -> str:
        """The function's ARN, with the alias."""
        return function_arn(self.account, self.region, self.name, self.alias)

    def shown(self, endpoint: str) -> dict[str, Any]:
        """The members that all operations answer; InvokeMode only where it was sent.

        endpoint: where the client reaches this server.
        """
        view: dict[str, Any] = {
            "FunctionUrl": address.public(endpoint, self.id, self.region),
            "FunctionArn": self.arn,
            "AuthType": self.auth_type,
            "CreationTime": timestamp(self.created_ms),
        }
        if self.cors:
            view["Cors"] = self.cors
        if self.invoke_mode is not None:
            view["InvokeMode"] = self.invoke_mode
        return view


def new_id() -> str:
    """An id that nobody has and nobody can guess."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))


def timestamp(epoch_ms: int) -> str:
    """The form of CreationTime and LastModifiedTime: `2026-09-28T09:29:21.056Z`."""
    return f"{datetime.fromtimestamp(epoch_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


def to_row(url: FunctionUrl) -> dict[str, Any]:
    """The columns of a URL."""
    return {
        "id": url.id,
        "account": url.account,
        "region": url.region,
        "name": url.name,
        "alias": url.alias or "",
        "auth_type": url.auth_type,
        "invoke_mode": url.invoke_mode,
        "cors": orjson.dumps(url.cors).decode() if url.cors else None,
        "created_at": url.created_ms,
        "last_modified": url.modified_ms,
    }


def from_row(row: Row) -> FunctionUrl:
    """The URL of a row."""
    return FunctionUrl(
        id=row["id"],
        account=row["account"],
        region=row["region"],
        name=row["name"],
        alias=row["alias"] or None,
        auth_type=row["auth_type"],
        invoke_mode=row["invoke_mode"],
        cors=orjson.loads(row["cors"]) if row["cors"] else None,
        created_ms=row["created_at"],
        modified_ms=row["last_modified"],
    )
