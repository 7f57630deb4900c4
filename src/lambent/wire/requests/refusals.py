"""What AWS says of a request that is not in the form of its shape.

The words of JSON and CBOR are those of two generations of AWS's framework: DynamoDB speaks one, every other service
the other. Neither says which member it was. JSON that does not parse at all is refused without a message. May import
`errors`.
"""

from __future__ import annotations

from typing import Any, Protocol

from lambent.errors import AwsError

_LONGEST_TOLD = 1000
_DYNAMODB = frozenset(("dynamodb", "dynamodbstreams"))
_MILLIS = "milliseconds since epoch"

_TYPES = {
    "blob": "Blob",
    "boolean": "Boolean",
    "character": "String",
    "double": "Double",
    "float": "Float",
    "integer": "Integer",
    "long": "Long",
    "string": "String",
    "timestamp": "Timestamp",
}
"""Types of shapes by the names that AWS's messages give them."""


class Dialect(Protocol):
    """One way of refusing decoded JSON or CBOR; everything is a SerializationException."""

    def scalar(self, value: Any, kind: str) -> AwsError:
        """The value is none of the shape's type `kind`, `string` and so on."""

    def base64(self, text: str, why: str) -> AwsError:
        """The text is not base64."""

    def container(self, value: Any, kind: str) -> AwsError:
        """The value is no `list`, `map` or `structure`."""


def dialect_of(service: str) -> Dialect:
    """How a service, by botocore's name, refuses."""
    return _DynamoDb() if service in _DYNAMODB else _Coral()


def unreadable() -> AwsError:
    """The body is no JSON, or no CBOR, at all."""
    return _serialization(None)


def not_a_request(value: Any, dialect: Dialect) -> AwsError:
    """The body is JSON or CBOR, but no object."""
    return dialect.container(value, "structure") if isinstance(value, list) else unreadable()


def too_deep() -> AwsError:
    """The body nests deeper than anything that AWS accepts."""
    return _serialization("Nesting too deep")


class _Coral:
    def scalar(self, value: Any, kind: str) -> AwsError:
        if (nested := self._nested(value)) is not None:
            return nested
        return _serialization(f"{_token(value)} can not be converted to {_type(kind)}")

    def base64(self, text: str, why: str) -> AwsError:
        return _serialization(f"'{text[:_LONGEST_TOLD]}' can not be converted to a Blob: {why}")

    def container(self, value: Any, kind: str) -> AwsError:
        if (nested := self._nested(value)) is not None:
            return nested
        return _serialization("Expected null" if kind == "structure" else f"Expected {kind} or null")

    def _nested(self, value: Any) -> AwsError | None:
        if isinstance(value, list):
            return _serialization("Start of list found where not expected")
        if isinstance(value, dict):
            return _serialization("Start of structure or map found where not expected.")
        return None


class _DynamoDb:
    def scalar(self, value: Any, kind: str) -> AwsError:
        if (nested := self._nested(value)) is not None:
            return nested
        if kind == "blob":
            return _serialization("only base-64-encoded strings are convertible to bytes")
        if kind == "boolean" and isinstance(value, str):
            return _serialization("Unexpected token received from parser")
        token = "DECIMAL_VALUE" if isinstance(value, float) else _token(value)
        return _serialization(f"{token} cannot be converted to {'Date' if kind == 'timestamp' else _TYPES[kind]}")

    def base64(self, text: str, why: str) -> AwsError:  # noqa: ARG002  the other dialect tells it
        return _serialization(why)

    def container(self, value: Any, kind: str) -> AwsError:
        if (nested := self._nested(value)) is not None:
            return nested
        what = "Unexpected value type in payload" if kind == "structure" else "Unexpected field type"
        return _serialization(what)

    def _nested(self, value: Any) -> AwsError | None:
        if isinstance(value, list):
            return _serialization("UnknownError")
        if isinstance(value, dict):
            return _serialization("Start of structure or map found where not expected")
        return None


class FormRefusals:
    """How services that speak query refuse."""

    def text(self, name: str, text: str, kind: str) -> AwsError:  # noqa: ARG002  told by S3 only
        """A parameter's text is none of the shape's type."""
        if kind == "timestamp":
            return self.form("timestamp must follow ISO8601")
        return self.form(f"'{text[:_LONGEST_TOLD]}' can not be converted to {_type(kind)}")

    def form(self, what: str) -> AwsError:
        """Parameters do not make up the shape."""
        return AwsError("MalformedInput", what, status=400)

    def unreadable(self) -> AwsError:
        """The parameters cannot be decoded."""
        return AwsError("MalformedQueryString", "The query string contains a syntax error.", status=404)


class RestRefusals(Protocol):
    """How a REST service refuses what stands in a path, a query string or a header."""

    def text(self, name: str, text: str, kind: str) -> AwsError:
        """The text under a name is none of the shape's type `kind`."""

    def uri(self) -> AwsError:
        """Path or query string cannot be decoded."""


class JsonRefusals:
    """REST services over JSON."""

    def text(self, name: str, text: str, kind: str) -> AwsError:  # noqa: ARG002  told by S3 only
        """As JSON's strings are refused."""
        return _Coral().scalar(text, kind)

    def uri(self) -> AwsError:
        """Nothing is told."""
        return unreadable()


class XmlRefusals:
    """REST services over XML; S3 has names of its own."""

    def __init__(self, *, s3: bool) -> None:
        self._s3 = s3

    def text(self, name: str, text: str, kind: str) -> AwsError:
        """S3 says which argument it was."""
        if not self._s3:
            return FormRefusals().text(name, text, kind)
        what = f"Provided {name} not a valid {kind}"
        if kind in {"integer", "long"}:
            what = f"Provided {name} not an integer or within integer range"
        fields = {"ArgumentName": name, "ArgumentValue": text[:_LONGEST_TOLD]}
        return AwsError("InvalidArgument", what, status=400, fields=fields)

    def uri(self) -> AwsError:
        """S3 calls it by its name."""
        if not self._s3:
            return FormRefusals().unreadable()
        return AwsError("InvalidURI", "Couldn't parse the specified URI.", status=400)

    def body(self) -> AwsError:
        """The body is no XML, or not the shape's."""
        return AwsError(
            "MalformedXML" if self._s3 else "MalformedInput",
            "The XML you provided was not well-formed or did not validate against our published schema",
            status=400,
        )


def _serialization(what: str | None) -> AwsError:
    return AwsError("SerializationException", what, status=400)


def _token(value: Any) -> str:
    match value:
        case True:
            return "TRUE_VALUE"
        case False:
            return "FALSE_VALUE"
        case str():
            return "STRING_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case _:
            return "EMBEDDED_OBJECT"


def _type(kind: str) -> str:
    """`an Integer`, `a String`, as AWS's sentences go on."""
    if kind == "timestamp":
        return _MILLIS
    name = _TYPES[kind]
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
