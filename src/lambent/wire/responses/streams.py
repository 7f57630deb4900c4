"""Event streams as a server sends them: an iterator of events becomes an iterator of framed messages.

An event is a dict of one entry, its name to its members. An AwsError that the iterator raises becomes the last message:
an exception where the stream's model knows it, else an error. Anything else that it raises is a bug and goes on to
whoever reads. May import `errors`, `wire.eventstream` and `wire.responses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.wire import eventstream
from lambent.wire.eventstream import HeaderValue, Long
from lambent.wire.responses.formats import PlainFormat
from lambent.wire.responses.refusals import Bodies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from botocore.model import OperationModel, Shape

    from lambent.wire.model import ServiceModel
    from lambent.wire.responses.formats import Format

    Frame = Callable[[Mapping[str, Any]], bytes]
    FrameError = Callable[[AwsError], bytes]
    FrameAll = Callable[[AsyncIterator[Mapping[str, Any]], bytes], AsyncIterator[bytes]]

_BYTES = "application/octet-stream"
_TEXT = "text/plain"


def stream_writer(service: ServiceModel, operation: OperationModel, stream: Shape, format_: Format) -> FrameAll:
    """What frames all events of an operation.

    The function that is returned takes the iterator of events and what is sent before the first, and gives parts of a
    body. Closing it closes the iterator of events.
    """
    frames = {name: _framer(name, shape, format_) for name, shape in stream.members.items()}
    frame_error = _error_framer(service, operation, stream, format_)

    async def write(events: AsyncIterator[Mapping[str, Any]], before: bytes) -> AsyncIterator[bytes]:
        try:
            if before:
                yield before
            async for event in events:
                ((name, members),) = event.items()
                yield frames[name](members)
        except AwsError as error:
            yield frame_error(error)
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()

    return write


def initial_response(payload: bytes, content_type: str) -> bytes:
    """The message with the members that are not the stream, which comes first where a protocol asks for it."""
    return eventstream.event("initial-response", payload, content_type)


def _framer(name: str, shape: Shape, format_: Format) -> Frame:
    """From an event's members to a message: some in headers, one or the rest in the payload."""
    in_headers = [(member, inner) for member, inner in shape.members.items() if inner.serialization.get("eventheader")]
    payloads = [member for member, inner in shape.members.items() if inner.serialization.get("eventpayload")]
    dump: Frame
    content_type: str | None
    if payloads:
        dump, content_type = _payload_dump(payloads[0], shape.members[payloads[0]], format_)
    else:
        dump, content_type = _rest_dump(name, shape, frozenset(member for member, _ in in_headers), format_)

    def frame(members: Mapping[str, Any]) -> bytes:
        headers: dict[str, HeaderValue] = {":event-type": name, ":message-type": "event"}
        if content_type is not None:
            headers[":content-type"] = content_type
        for member, inner in in_headers:
            if (value := members.get(member)) is not None:
                headers[member] = Long(value) if inner.type_name == "long" else value
        return eventstream.encode(headers, dump(members))

    return frame


def _payload_dump(member: str, shape: Shape, format_: Format) -> tuple[Frame, str]:
    match shape.type_name:
        case "blob":
            return lambda members: bytes(members.get(member) or b""), _BYTES
        case "string":
            return lambda members: (members.get(member) or "").encode(), _TEXT
        case _:
            root = shape.serialization.get("name", member)
            dump = format_.document(shape, root)
            return lambda members: dump(members.get(member) or {}), format_.content_type


def _rest_dump(name: str, shape: Shape, without: frozenset[str], format_: Format) -> tuple[Frame, str | None]:
    is_empty = not shape.members.keys() - without
    if is_empty and not isinstance(format_, PlainFormat):
        return lambda _: b"", None
    return format_.document(shape, name, without), format_.content_type


def _error_framer(service: ServiceModel, operation: OperationModel, stream: Shape, format_: Format) -> FrameError:
    if not isinstance(format_, PlainFormat):
        return lambda error: eventstream.error(error.code, error.message or "")
    bodies = Bodies(service, operation, format_)
    modelled = {shape.name: name for name, shape in stream.members.items() if shape.metadata.get("exception")}

    def frame(error: AwsError) -> bytes:
        known = bodies.errors.find(error.code)
        name = modelled.get(known.shape.name) if known.shape is not None else None
        if name is None:
            return eventstream.error(known.code, error.message or "")
        return eventstream.exception(name, format_.dump(bodies.members(known, error)), format_.content_type)

    return frame
