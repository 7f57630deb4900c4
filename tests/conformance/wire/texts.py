"""Strings that break careless codecs, by the place on the wire that has to carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_PLAIN = ("a", "my-name_1.x", "0", "-1", "true", "null", "None", "NaN", "2026-01-02T03:04:05Z", "$LATEST")
_MARKS = (
    "a b+c%20%2F%",
    "<&>\"' ]]> <!-- &amp; &#65;",
    "=&;?#[]@!$'()*,:~|^`{}",
    "a/b//c/",
    "arn:aws:lambda:us-east-1:000000000000:function:name:alias",
    '{"a": [1, null], "b": "\\u0041\\\\"}',
    "back\\slash",
    "100%",
    "%%%41",
)
_UNICODE = (
    "ünïcödé",
    "漢字かな",
    "🎉👩‍👩‍👧",
    "e\u0301 ≠ é",
    "\u2028\u2029\u0085\u00a0",
    "\ufeffbom",
    "\uffee\U0010fffd",
)
_SPACES = (" ", "  two  ", "\ttab\t", "line\nbreak\n", " trailing ")
_RETURNS = ("\r", "a\r\nb\r")
_CONTROLS = ("\x00", "\x01\x1f\x7f", "a\x0bb\x1b[0m", "\ufffe\uffff")
_TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789-_."


def any_text(random: Random) -> str:
    """What JSON, CBOR and forms carry: everything but lone surrogates."""
    return _one(random, ("", *_PLAIN, *_MARKS, *_UNICODE, *_SPACES, *_RETURNS, *_CONTROLS))


def xml_text(random: Random) -> str:
    """What an XML document carries as it was written: no controls, which XML 1.0 has no form for."""
    return _one(random, ("", *_PLAIN, *_MARKS, *_UNICODE, *_SPACES, *_RETURNS))


def xml_text_as_botocore_writes_it(random: Random) -> str:
    """Without carriage returns: botocore writes them raw, and then every XML parser reads them as line feeds."""
    return _one(random, ("", *_PLAIN, *_MARKS, *_UNICODE, *_SPACES))


def label_text(random: Random) -> str:
    """A part of a path: never empty, and not a dot segment, which HTTP clients remove."""
    return _one(random, (*_PLAIN, *_MARKS, *_UNICODE, *_SPACES, *_RETURNS, *_CONTROLS))


def greedy_text(random: Random) -> str:
    """The rest of a path, slashes and all."""
    return _one(random, (*_PLAIN, *_MARKS, *_UNICODE, *_SPACES, "/", "/a", "a/", "a//b", "a/.hidden/..b/c"))


def header_text(random: Random) -> str:
    """A header's value: visible ASCII without spaces around it, and not empty, which clients do not send."""
    ascii_marks = tuple(text for text in _MARKS if text.isascii())
    return _one(random, (*_PLAIN, *ascii_marks, "two  words", 'W/"etag"', "text/plain; charset=utf-8"))


def header_list_text(random: Random) -> str:
    """An element of a header's list in a request: clients quote commas and quotes, but not the backslash."""
    return random.choice((*_PLAIN, "a,b", 'q"uote"', "two words", "=&;?#", "100%"))


def answered_header_list_text(random: Random) -> str:
    """An element of a header's list in a response: botocore splits at every comma."""
    return random.choice((*_PLAIN, "two words", "=&;?#", "100%"))


def token(random: Random) -> str:
    """A name for a header or a query parameter, as clients and servers leave it alone."""
    return "".join(random.choices(_TOKEN, k=random.randint(1, 12)))


def parameter_name(random: Random) -> str:
    """A name in a query that no operation has among its own."""
    return random.choice(("p-", "p ", "p%&=+", "p/ü")) + token(random)


def _one(random: Random, texts: tuple[str, ...]) -> str:
    """Mostly one of the texts, at times two of them or a long one."""
    chosen = random.choice(texts)
    luck = random.random()
    if luck < 0.15:
        return chosen + random.choice(texts)
    if luck < 0.18:
        return (chosen or texts[1]) * 20
    return chosen
