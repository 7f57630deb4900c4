"""The exceptions that reach a client.

Everything that AWS would answer with an error is an `AwsError`; the wire serialises it in the protocol's own form. What
the machine cannot do now is `Unavailable`, told as the service's own fault. Anything else that is raised is a bug of
ours and becomes a 500 with a request id. May import nothing of Lambent.
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


class Unavailable(Exception):  # noqa: N818  a state of the machine, not a mistake
    """The machine could not do it, and nothing of what was asked is kept: a client may try again.

    The text is for clients. expected: whether whoever runs the server knows already (a full disk says so by itself).
    """

    expected = False
