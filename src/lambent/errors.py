"""The one exception that reaches a client.

Everything that AWS would answer with an error is an `AwsError`; the wire serialises it in the protocol's own form.
Anything else that is raised is a bug of ours and becomes a 500 with a request id. May import nothing of Lambent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class AwsError(Exception):
    """An error in AWS's words.

    code: the error's name as clients see it (`ResourceNotFoundException`), shape name or modelled code.
    message: the text; None is sent as JSON null, as AWS does for some denials.
    status: the HTTP status; None takes the one that the service model gives the error, else 400.
    fields: further members of the error's shape (`Type`, `Reason`, …), sent beside the message.
    headers: further response headers (`Retry-After`).
    """

    def __init__(
        self,
        code: str,
        message: str | None,
        *,
        status: int | None = None,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields: Mapping[str, Any] = fields or {}
        self.headers: Mapping[str, str] = headers or {}
