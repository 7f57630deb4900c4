"""Inputs and outputs of operations: each member made for the place that carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.wire import values
from conformance.wire.values import NOTHING, Fill, Medium, Values
from lambent.wire.eventstream import CONTENT_TYPE

if TYPE_CHECKING:
    from random import Random

    from botocore.model import OperationModel, Shape

_BODIES = {
    "json-1.0": values.JSON,
    "json-1.1": values.JSON,
    "rest-json": values.JSON,
    "cbor-1.1": values.CBOR,
    "rpc-v2-cbor": values.CBOR,
    "query": values.FORM,
    "rest-xml": values.XML,
}
_ANSWERS = _BODIES | {
    "json-1.0": values.JSON_ANSWER,
    "json-1.1": values.JSON_ANSWER,
    "query": values.XML_ANSWER,
    "rest-xml": values.XML_ANSWER,
}
_REST = frozenset(("rest-json", "rest-xml"))
_HOST_LABEL = "route-1.x"


@dataclass(frozen=True)
class Answer:
    """An output: what is given to the writer, with event streams as lists of events."""

    members: dict[str, Any]
    events: str | None
    """The member that is an event stream."""
    stream: str | None
    """The member that is a streaming body."""


def make_input(operation: OperationModel, protocol: str, random: Random, fill: Fill) -> dict[str, Any]:
    """Parameters of one request."""
    shape = operation.input_shape
    if shape is None:
        return {}
    if protocol not in _REST:
        made = Values(random, _BODIES[protocol], fill).of(shape)
        return {} if made is NOTHING else dict(made)
    made = {}
    uri = str(operation.http["requestUri"])
    for name, member in shape.members.items():
        if _left_out(shape, name, random, fill):
            continue
        medium = _request_medium(member, name, uri, protocol)
        value = Values(random, medium, fill).of(member)
        if member.serialization.get("hostLabel"):
            value = _HOST_LABEL
        if value is not NOTHING:
            made[name] = value
    _count_content(shape, made)
    return made


def make_output(operation: OperationModel, protocol: str, random: Random, fill: Fill) -> Answer:
    """Members of one answer."""
    shape = operation.output_shape
    if shape is None:
        return Answer({}, None, None)
    made: dict[str, Any] = {}
    answer = Answer(made, shape.event_stream_name, _stream(operation))
    body = _ANSWERS[protocol]
    for name, member in shape.members.items():
        if name == answer.events:
            made[name] = make_events(member, body, random, fill)
            continue
        if _left_out(shape, name, random, fill) and not _always_parsed(shape, name):
            continue
        value = Values(random, _answer_medium(member, body), fill).of(member)
        if member.serialization.get("location") == "statusCode":
            value = random.choice((200, 202))
        elif value is NOTHING and member.serialization.get("location") == "headers":
            value = {}
        if value is not NOTHING:
            made[name] = value
    if answer.events is not None:
        _name_event_stream(shape, made)
    if operation.http["method"] != "HEAD":
        _count_content(shape, made)
    return answer


def make_events(shape: Shape, body: Medium, random: Random, fill: Fill) -> list[dict[str, Any]]:
    """One of each event that is not an exception."""
    events = []
    for name, member in shape.members.items():
        if member.metadata.get("exception"):
            continue
        made = Values(random, body, fill).of(member)
        for inner_name, inner in member.members.items():
            if inner.serialization.get("eventpayload") and inner_name not in made:
                # The payload of an event is always there, however short.
                made[inner_name] = Values(random, body, fill).of(inner)
        events.append({name: made})
    return events


def make_error_fields(shape: Shape, protocol: str, random: Random) -> dict[str, Any]:
    """Members of an error beside its message."""
    made = {}
    for name, member in shape.members.items():
        if name.lower() == "message":
            continue
        medium = _answer_medium(member, _ANSWERS[protocol]) if protocol in _REST else _ANSWERS[protocol]
        value = Values(random, medium, Fill.MOST).of(member)
        if value is not NOTHING:
            made[name] = value
    return made


def message_text(protocol: str, random: Random) -> str:
    """A message that the error's body can carry."""
    return _ANSWERS[protocol].text(random)


def _left_out(shape: Shape, name: str, random: Random, fill: Fill) -> bool:
    if name in shape.required_members or fill is Fill.MOST:
        return False
    return fill is Fill.LEAST or random.random() < 0.5


def _always_parsed(shape: Shape, name: str) -> bool:
    """What botocore finds in every answer: the payload, the status, prefixed headers; and what HTTP itself tells."""
    serialization = shape.members[name].serialization
    return (
        name == shape.serialization.get("payload")
        or serialization.get("location") in {"statusCode", "headers"}
        or _header(shape.members[name], name) in {"content-type", "content-length"}
    )


def _request_medium(member: Shape, name: str, uri: str, protocol: str) -> Medium:
    match member.serialization.get("location"):
        case "uri":
            label = re.escape(str(member.serialization.get("name", name)))
            return values.GREEDY_LABEL if re.search(rf"{{{label}\+}}", uri) else values.LABEL
        case "querystring":
            return values.QUERY_STRING
        case "header" | "headers":
            return values.HEADER_LIST if member.type_name == "list" else values.HEADER
        case _:
            return _BODIES[protocol]


def _answer_medium(member: Shape, body: Medium) -> Medium:
    if member.serialization.get("location") in {"header", "headers"}:
        return values.ANSWERED_HEADER_LIST if member.type_name == "list" else values.HEADER
    return body


def _stream(operation: OperationModel) -> str | None:
    return operation.output_shape.serialization["payload"] if operation.has_streaming_output else None


def _header(member: Shape, name: str) -> str | None:
    if member.serialization.get("location") != "header":
        return None
    return str(member.serialization.get("name", name)).lower()


def _count_content(shape: Shape, made: dict[str, Any]) -> None:
    """A Content-Length that is a member is there with every body, and agrees with it."""
    for name, member in shape.members.items():
        if _header(member, name) == "content-length":
            made[name] = len(made.get(shape.serialization.get("payload", ""), b""))


def _name_event_stream(shape: Shape, made: dict[str, Any]) -> None:
    """A Content-Type that is a member of an event stream's answer says so."""
    for name, member in shape.members.items():
        if _header(member, name) == "content-type":
            made[name] = CONTENT_TYPE
