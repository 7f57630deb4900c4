"""Who signed a request: SigV4 in the Authorization header or in a presigned URL, read but not verified.

The signature's form is checked as AWS checks it; its value is not, so that any secret key will do. May import `errors`
and holds no state.

Source: IAM user guide, "Create a signed AWS API request" and "Troubleshoot Signature Version 4".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from lambent.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request", re.ASCII)
_REST = re.compile(r", *SignedHeaders=[^,\s=]+, *Signature=[^,\s=]+")
"""What follows the credential in the header as every SDK writes it."""
_ALGORITHMS = ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
_REGIONLESS = "AWS4-ECDSA-P256-SHA256"
_TERMINATOR = "aws4_request"
_REGION = re.compile(r"[a-z0-9-]{1,32}|\*", re.ASCII)
_LEGACY = re.compile(r"AWS ([^:\s]+):\S+")
_QUERY_PARAMETERS = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders")


class Credential(NamedTuple):
    """What a signature says of its maker."""

    access_key: str
    region: str | None
    """None where the signature names none (SigV2, SigV4a)."""
    service: str | None
    """The signing name, None for SigV2."""


class MalformedSignature(Exception):  # noqa: N818  the other side's mistake
    """A signature that AWS would not even try to verify; `code` is AWS's, without the suffix `Exception`."""

    def __init__(self, code: str, text: str, *, presigned: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.presigned = presigned

    def refusal(self, protocol: str) -> AwsError:
        """The error in the words of a protocol's services."""
        if protocol == "rest-xml":
            if self.presigned:
                return AwsError("AuthorizationQueryParametersError", self.text, status=400)
            text = f"The authorization header is malformed; {self.text}"
            return AwsError("AuthorizationHeaderMalformed", text, status=400)
        status = 400 if self.code == "IncompleteSignature" else 403
        if protocol == "query":
            code = "SignatureDoesNotMatch" if self.code == "InvalidSignature" else self.code
            return AwsError(code, self.text, status=status)
        return AwsError(f"{self.code}Exception", self.text, status=status)


def read_credential(headers: Mapping[str, str], query: str) -> Credential | None:
    """Who signed, None where nobody did.

    headers: names in lower case. query: raw. Raises MalformedSignature.
    """
    header = headers.get("authorization")
    if header is not None:
        end = header.find(",")
        usual = _usual(header[:end])
        if usual is None or _REST.fullmatch(header, end) is None:
            return _from_header(header, headers)
        date, credential = usual
        _check_date(date, headers, header)
        return credential
    if "X-Amz-" in query:
        return _from_query(dict(parse_qsl(query, keep_blank_values=True)))
    return None


@lru_cache(1024)
def _usual(text: str) -> tuple[str, Credential] | None:
    """Date and credential of the header's beginning, which stays the same for a day; None for unusual ones."""
    found = _CREDENTIAL.fullmatch(text)
    if found is None:
        return None
    access_key, date, region, service = found.groups()
    return date, _checked(access_key, region, service)


def _from_header(header: str, headers: Mapping[str, str]) -> Credential:
    """A header of a less usual form, or a malformed one."""
    if legacy := _LEGACY.fullmatch(header):
        return Credential(legacy[1], None, None)
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm not in _ALGORITHMS:
        raise MalformedSignature("IncompleteSignature", f"Unsupported authorization type: {algorithm[:64]}")
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or not name:
            text = (
                f"'{part.strip()}' not a valid key=value pair (missing equal-sign) in Authorization header: '{rest}'."
            )
            raise MalformedSignature("IncompleteSignature", text)
        parts[name] = value
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        told = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        raise MalformedSignature("IncompleteSignature", f"{told} Authorization={algorithm}")
    date, credential = _scope(parts["Credential"], algorithm, presigned=False)
    _check_date(date, headers, algorithm)
    return credential


def _from_query(parameters: Mapping[str, str]) -> Credential | None:
    """The signature of a presigned URL; None where the query only has parameters that look alike."""
    algorithm = parameters.get("X-Amz-Algorithm")
    if algorithm is None and "X-Amz-Signature" not in parameters and "X-Amz-Credential" not in parameters:
        return None
    if algorithm not in _ALGORITHMS or not all(parameters.get(name) for name in _QUERY_PARAMETERS):
        raise MalformedSignature(
            "IncompleteSignature",
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            presigned=True,
        )
    return _scope(parameters["X-Amz-Credential"], algorithm, presigned=True)[1]


def _scope(text: str, algorithm: str, *, presigned: bool) -> tuple[str, Credential]:
    """Date and credential of `key/date/region/service/aws4_request`."""
    form = "keyid/date/service/term" if algorithm == _REGIONLESS else "keyid/date/region/service/term"
    parts = text.rsplit("/", form.count("/"))
    if len(parts) != form.count("/") + 1 or not all(parts):
        words = (
            f"Credential must have exactly {form.count('/') + 1} slash-delimited elements, e.g. {form}, got '{text}'"
        )
        raise MalformedSignature("IncompleteSignature", words, presigned=presigned)
    access_key, date, *middle, terminator = parts
    if terminator != _TERMINATOR:
        words = f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', not '{terminator}'."
        raise MalformedSignature("InvalidSignature", words, presigned=presigned)
    region = None if algorithm == _REGIONLESS else middle[0]
    return date, _checked(access_key, region, middle[-1], presigned=presigned)


def _check_date(scope_date: str, headers: Mapping[str, str], header: str) -> None:
    sent = headers.get("x-amz-date")
    if sent is None:
        if "date" not in headers:
            raise MalformedSignature(
                "IncompleteSignature",
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                f"Authorization={header.partition(' ')[0]}",
            )
        return
    if sent[:8] != scope_date:
        raise MalformedSignature(
            "InvalidSignature",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{scope_date}' != '{sent[:8]}', from '{sent}'.",
        )


def _checked(access_key: str, region: str | None, service: str, *, presigned: bool = False) -> Credential:
    if region is not None and not _REGION.fullmatch(region):
        text = f"Credential should be scoped to a valid region, not '{region}'."
        raise MalformedSignature("InvalidSignature", text, presigned=presigned)
    return Credential(access_key, region, service)
