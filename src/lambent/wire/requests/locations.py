"""Parameters of REST services that stand outside of the body: in the path, the query string and headers.

May import `wire.requests`. Times are ISO 8601 in paths and query strings and as HTTP has them in headers, unless their
shape says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from lambent.errors import AwsError
from lambent.wire.requests.texts import as_is, text_reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import Shape

    from lambent.call import Params
    from lambent.wire.message import WireRequest
    from lambent.wire.requests.refusals import RestRefusals

    Read = Callable[[str], Any]

Fill = Callable[["WireRequest", "Params"], None]

_HEADER_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*?))\s*(?:,|\Z)')
_CONDITIONS = frozenset(("if-modified-since", "if-unmodified-since"))
"""HTTP has these ignored where they are no dates (RFC 9110, 13.1.3)."""


class _Member(NamedTuple):
    """A parameter, the name that it has on the wire, and its reader; None leaves a string as it is."""

    name: str
    said: str
    read: Read | None


class _Queries(NamedTuple):
    scalars: tuple[_Member, ...]
    lists: tuple[_Member, ...]
    maps: tuple[tuple[str, bool], ...]
    """Members that take what no other does, and whether their values are lists."""
    named: frozenset[str]
    """What does not belong to maps: the names of other members, and those that the operation's URI gives."""


def location_reader(shape: Shape, uri: str, refusals: RestRefusals) -> Fill:
    """What puts all parameters of a request into a dict that do not stand in its body. It raises AwsError.

    uri: the operation's template, e.g. `/{Bucket}/{Key+}?x-id=GetObject`.
    """
    by_location: dict[str, dict[str, Shape]] = {}
    for name, inner in shape.members.items():
        by_location.setdefault(inner.serialization.get("location", ""), {})[name] = inner
    fills = [
        _labels(by_location.get("uri", {}), refusals),
        _headers(by_location.get("header", {}), refusals),
        _prefixed(by_location.get("headers", {})),
        _query(by_location.get("querystring", {}), uri, refusals),
    ]
    match [fill for fill in fills if fill is not None]:
        case [first]:
            return first
        case several:
            return _all_of(tuple(several))


def _all_of(fills: tuple[Fill, ...]) -> Fill:
    def fill(request: WireRequest, params: Params) -> None:
        for each in fills:
            each(request, params)

    return fill


def _member(name: str, shape: Shape, timestamps: str, refusals: RestRefusals) -> _Member:
    said = shape.serialization.get("name", name)
    read = text_reader(shape, timestamps, partial(refusals.text, said))
    return _Member(name, said, None if read is as_is else read)


# --- the path ----------------------------------------------------------------------------------------------------


def _labels(shapes: Mapping[str, Shape], refusals: RestRefusals) -> Fill | None:
    if not shapes:
        return None
    members = tuple(_member(name, shape, "iso8601", refusals) for name, shape in shapes.items())

    def fill(request: WireRequest, params: Params) -> None:
        labels = request.labels
        for name, said, read in members:
            text = labels[said]
            if "%" in text:
                text = _unquoted(text, refusals)
            params[name] = text if read is None else read(text)

    return fill


def _unquoted(text: str, refusals: RestRefusals) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise refusals.uri() from None


# --- headers -----------------------------------------------------------------------------------------------------


def _headers(shapes: Mapping[str, Shape], refusals: RestRefusals) -> Fill | None:
    if not shapes:
        return None
    members = tuple(
        (name, shape.serialization.get("name", name).lower(), _header(name, shape, refusals))
        for name, shape in shapes.items()
    )

    def fill(request: WireRequest, params: Params) -> None:
        headers = request.headers
        for name, header, read in members:
            if header in headers:
                value = headers[header] if read is None else read(headers[header])
                if value is not None:
                    params[name] = value

    return fill


def _header(name: str, shape: Shape, refusals: RestRefusals) -> Read | None:
    if shape.type_name == "list":
        said = shape.serialization.get("name", name)
        element = text_reader(shape.member, "rfc822", partial(refusals.text, said))
        http_dates = shape.member.type_name == "timestamp" and (
            shape.member.serialization.get("timestampFormat", "rfc822").lower() == "rfc822"
        )
        split = _http_dates if http_dates else _items
        return lambda text: [element(item) for item in split(text)]
    member = _member(name, shape, "rfc822", refusals)
    if member.said.lower() in _CONDITIONS and member.read is not None:
        return _unless_refused(member.read)
    return member.read


def _unless_refused(read: Read) -> Read:
    def read_or_ignore(text: str) -> Any:
        try:
            return read(text)
        except AwsError:
            return None

    return read_or_ignore


def _items(text: str) -> list[str]:
    """The parts of a header that is a list; one that has commas or quotes in it is quoted."""
    items: list[str] = []
    position = 0
    while position < len(text):
        found = _HEADER_ITEM.match(text, position)
        if found is None:
            # A quote that is never closed, or closed before the item ends, stands for itself.
            items.append(text[position:].strip())
            break
        quoted, plain = found.groups()
        items.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain)
        position = found.end()
    return items


def _http_dates(text: str) -> list[str]:
    """A date has a comma of its own."""
    parts = text.split(",")
    return [",".join(parts[at : at + 2]).strip() for at in range(0, len(parts), 2)]


def _prefixed(shapes: Mapping[str, Shape]) -> Fill | None:
    if not shapes:
        return None
    members = tuple((name, shape.serialization.get("name", "").lower()) for name, shape in shapes.items())

    def fill(request: WireRequest, params: Params) -> None:
        for name, prefix in members:
            start = len(prefix)
            found = {key[start:]: value for key, value in request.headers.items() if key.startswith(prefix)}
            if found:
                params[name] = found

    return fill


# --- the query string --------------------------------------------------------------------------------------------


def _query(shapes: Mapping[str, Shape], uri: str, refusals: RestRefusals) -> Fill | None:
    if not shapes:
        return None
    queries = _queries(shapes, uri, refusals)

    def fill(request: WireRequest, params: Params) -> None:
        if request.query:
            _fill_from_query(queries, _parsed(request.query, refusals), params)

    return fill


def _queries(shapes: Mapping[str, Shape], uri: str, refusals: RestRefusals) -> _Queries:
    scalars, lists, maps = [], [], []
    for name, shape in shapes.items():
        if shape.type_name == "map":
            maps.append((name, shape.value.type_name == "list"))
        elif shape.type_name == "list":
            said = shape.serialization.get("name", name)
            read = text_reader(shape.member, "iso8601", partial(refusals.text, said))
            lists.append(_Member(name, said, read))
        else:
            scalars.append(_member(name, shape, "iso8601", refusals))
    constants = dict(parse_qsl(uri.partition("?")[2], keep_blank_values=True))
    named = frozenset((*constants, *(member.said for member in (*scalars, *lists))))
    return _Queries(tuple(scalars), tuple(lists), tuple(maps), named)


def _parsed(query: str, refusals: RestRefusals) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(query, keep_blank_values=True, errors="strict"):
            found.setdefault(name, []).append(value)
    except ValueError:
        raise refusals.uri() from None
    return found


def _fill_from_query(queries: _Queries, found: Mapping[str, list[str]], params: Params) -> None:
    """Of a repeated parameter that is no list the first counts."""
    for name, said, read in queries.scalars:
        if said in found:
            text = found[said][0]
            params[name] = text if read is None else read(text)
    for name, said, read in queries.lists:
        if said in found:
            params[name] = found[said] if read is None else [read(text) for text in found[said]]
    for name, many in queries.maps:
        others = {key: values if many else values[0] for key, values in found.items() if key not in queries.named}
        if others:
            params[name] = others
