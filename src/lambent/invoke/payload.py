"""Events are JSON: checked before anything runs, refused in the words of the Jackson parser that Lambda uses.

The check is one pass of a fast parser. What it refuses is looked at again, slowly: by a parser that takes all of JSON,
lone surrogates and numbers of any size included, and to find out what to say.
"""

from __future__ import annotations

import json

import orjson

from lambent.errors import AwsError

_VALUE = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'"
_SCANNED = 65536
"""Characters that are looked at for the words of a refusal: a large bad event must not hold up others."""
_SOURCE = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"


def checked_event(payload: bytes | None) -> bytes:
    """The event to run with: the body as it came, `{}` where there is none.

    Raises AwsError InvalidRequestContentException when the body is not one JSON value in UTF-8.
    """
    if not payload:
        return b"{}"
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError:
        refusal = _refusal(payload)
        if refusal is not None:
            raise refusal from None
    return payload


def _refusal(payload: bytes) -> AwsError | None:
    """Why this is no JSON; None where it is, and only the fast parser does not take it."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as problem:
        kind = "start" if problem.reason == "invalid start byte" else "middle"
        at = problem.start if kind == "start" else min(problem.end, len(payload) - 1)
        what = f"Invalid UTF-8 {kind} byte 0x{payload[at]:02x}"
        return _error(what, payload[:at].decode("utf-8", "replace"), 2)
    try:
        # Numbers are not made, as many digits would take long, and too many are refused.
        json.loads(text, parse_constant=_no_constant, parse_int=len, parse_float=len)
    except json.JSONDecodeError as problem:
        what, at, beyond = _jackson_words(problem.msg, text, problem.pos)
        return _error(what, text[:at], beyond)
    except (_NotANumberError, RecursionError):
        return _error("Document is not valid JSON or is nested too deeply", text, 1)
    return None


class _NotANumberError(Exception):
    """Python's parser met NaN or Infinity, which JSON does not have."""


def _no_constant(name: str) -> None:
    raise _NotANumberError(name)


def _error(what: str, before: str, beyond: int) -> AwsError:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + beyond
    return AwsError(
        "InvalidRequestContentException",
        "Could not parse request body into json: Could not parse payload into json: "
        f"{what}\n at [Source: {_SOURCE}; line: {line}, column: {column}]",
        fields={"Type": "User"},
    )


def _jackson_words(python_words: str, text: str, at: int) -> tuple[str, int, int]:
    """Jackson's message, the character it is about, and how far beyond it the reported column lies."""
    if python_words.startswith("Unterminated string"):
        return "Unexpected end-of-input: was expecting closing quote for a string value", len(text), 1
    if at >= len(text):
        container = _open_container(text)
        where = f"expected close marker for {container}" if container else "expected a value"
        return f"Unexpected end-of-input: {where}", len(text), 1
    char = text[at]
    unexpected = f"Unexpected character ('{char}' (code {ord(char)}))"
    if python_words.startswith("Expecting property name"):
        return f"{unexpected}: was expecting double-quote to start field name", at, 1
    if python_words.startswith("Expecting ':'"):
        return f"{unexpected}: was expecting a colon to separate field name and value", at, 1
    if python_words.startswith("Expecting ','"):
        container = _open_container(text[:at]) or "Root"
        return f"{unexpected}: was expecting comma to separate {container} entries", at, 1
    if python_words.startswith("Invalid control character"):
        words = f"Illegal unquoted character ((CTRL-CHAR, code {ord(char)})): has to be escaped using backslash"
        return f"{words} to be included in string value", at, 2
    if python_words.startswith("Invalid \\"):
        escaped = text[at + 1 : at + 2]
        return f"Unrecognized character escape '{escaped}' (code {ord(escaped or ' ')})", at, 2
    token = _token(text, at)
    if token:
        return f"Unrecognized token '{token}': was expecting ({_VALUE})", at + len(token), 1
    return f"{unexpected}: expected a valid value ({_VALUE})", at, 1


def _token(text: str, at: int) -> str:
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "_$"):
        end += 1
    return text[at:end]


def _open_container(text: str) -> str | None:
    """`Object` or `Array`, whichever is open at the end of this beginning of a document; None when too long to say."""
    if len(text) > _SCANNED:
        return None
    open_: list[str] = []
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "{[":
            open_.append("Object" if char == "{" else "Array")
        elif char in "}]" and open_:
            open_.pop()
    return open_[-1] if open_ else None
