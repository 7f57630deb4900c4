"""Whatever a client sends, parsers understand it or refuse it in AWS's words; nothing else is ever raised."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.cases import steady
from conformance.wire.client import Sent, send
from conformance.wire.parameters import make_input
from conformance.wire.values import Fill
from lambent.errors import AwsError
from lambent.wire.message import WireRequest
from lambent.wire.model import load_service
from lambent.wire.requests import parser_for
from lambent.wire.route import Head, NoRoute, find_route

if TYPE_CHECKING:
    from lambent.wire.requests import Parser

TARGETS = [
    ("lambda", "CreateFunction", "rest-json"),
    ("lambda", "Invoke", "rest-json"),
    ("lambda", "ListDurableExecutionsByFunction", "rest-json"),
    ("apigateway", "ImportRestApi", "rest-json"),
    ("apigatewayv2", "CreateDomainName", "rest-json"),
    ("s3", "PutBucketLifecycleConfiguration", "rest-xml"),
    ("s3", "PutObject", "rest-xml"),
    ("s3", "PutBucketAcl", "rest-xml"),
    ("sqs", "SendMessageBatch", "query"),
    ("iam", "CreateRole", "query"),
    ("sns", "PublishBatch", "query"),
    ("dynamodb", "TransactWriteItems", "json-1.0"),
    ("logs", "PutLogEvents", "json-1.1"),
    ("kinesis", "GetShardIterator", "cbor-1.1"),
    ("kinesis", "PutRecords", "rpc-v2-cbor"),
    ("dynamodb", "Query", "rpc-v2-cbor"),
]
LONG_NUMBER = "9" * 5000
"""More digits than Python turns into a number."""
TIMES_AS_NUMBERS = {1: lambda value, _immutable: value}
HEADERS = "content-type content-length content-encoding x-amz-date x-amz-target if-match expires retry-after".split()

targets = pytest.mark.parametrize(
    ("name", "operation_name", "protocol"), TARGETS, ids=["-".join(target) for target in TARGETS]
)
texts = st.text(max_size=20) | st.sampled_from(
    [
        "",
        "null",
        "true",
        "NaN",
        "-Infinity",
        "1e999",
        "-1",
        LONG_NUMBER,
        "9" * 30,
        "2026-13-40T99:99:99Z",
        "%",
        "%zz",
        "=",
    ]
)
numbers = st.integers() | st.floats() | st.sampled_from([2**63, 2**64, -(2**63) - 1, 10**30, 1e308])
leaves = st.none() | st.booleans() | numbers | texts
names = texts | st.sampled_from(
    "FunctionName Code Runtime TransactItems Put Item Records Data member S L M 1 -1".split()
)
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))
tags = st.sampled_from([0, 1, 2, 3, 4, 5, 21, 25, 28, 29, 30, 35, 36, 100, 256, 258, 260, 55799])
cbor_trees = st.recursive(
    leaves | st.binary(max_size=10) | st.just(cbor2.undefined),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(leaves | st.binary(max_size=4), inner, max_size=4)
        | st.builds(cbor2.CBORTag, tags, inner)
    ),
)
elements = st.recursive(
    st.sampled_from(
        ["", "a", "<x/>", "&amp;", "&undefined;", "<![CDATA[x]]>", "<?pi?>", "<!-- -->", "\x00", "]]>", LONG_NUMBER]
    ),
    lambda inner: st.builds(
        "<{0}>{1}{2}</{0}>".format,
        st.sampled_from(
            "Rule Filter And Tag Key Value ID Status Days Date Prefix Grant Grantee a:b AccessControlList".split()
        ),
        inner,
        inner,
    ),
)


@targets
@steady
@given(body=st.binary(max_size=200))
def test_random_bytes(name: str, operation_name: str, protocol: str, body: bytes) -> None:
    understood_or_refused(name, operation_name, protocol, body)


@targets
@steady
@given(tree=trees)
def test_random_json(name: str, operation_name: str, protocol: str, tree: Any) -> None:
    understood_or_refused(name, operation_name, protocol, json.dumps(tree).encode())


@targets
@steady
@given(tree=cbor_trees)
def test_random_cbor(name: str, operation_name: str, protocol: str, tree: Any) -> None:
    understood_or_refused(name, operation_name, protocol, cbor2.dumps(tree))


@targets
@steady
@given(inside=elements)
def test_random_xml(name: str, operation_name: str, protocol: str, inside: str) -> None:
    understood_or_refused(
        name, operation_name, protocol, f"<LifecycleConfiguration>{inside}</LifecycleConfiguration>".encode()
    )


@targets
@steady
@given(pairs=st.lists(st.tuples(st.lists(names, min_size=1, max_size=5), texts), max_size=6))
def test_random_forms(name: str, operation_name: str, protocol: str, pairs: list[tuple[list[str], str]]) -> None:
    form = "&".join(f"{'.'.join(steps)}={value}" for steps, value in pairs)
    understood_or_refused(name, operation_name, protocol, form.encode())


@targets
@steady
@given(
    headers=st.dictionaries(st.sampled_from(HEADERS) | st.text("abcx-", min_size=1), texts, max_size=4),
    query=texts | st.lists(st.tuples(names, texts)).map(lambda pairs: "&".join(map("=".join, pairs))),
    label=texts,
)
def test_random_heads(
    name: str, operation_name: str, protocol: str, headers: dict[str, str], query: str, label: str
) -> None:
    understood_or_refused(name, operation_name, protocol, b"", headers=headers, query=query, label=label)


@targets
@steady
@given(data=st.data())
def test_one_member_of_the_wrong_kind(name: str, operation_name: str, protocol: str, data: st.DataObject) -> None:
    sent = sample(name, operation_name, protocol, data.draw(st.integers(0, 2**32)))
    if not protocol.startswith(("json", "cbor", "rpc", "rest-json")) or not sent.body:
        return
    is_cbor = "cbor" in protocol
    with suppress(ValueError):
        tree = cbor2.loads(sent.body, semantic_decoders=TIMES_AS_NUMBERS) if is_cbor else json.loads(sent.body)
        spoil(tree, data.draw(st.randoms(use_true_random=False)), data.draw(cbor_trees if is_cbor else trees))
        body = cbor2.dumps(tree) if is_cbor else json.dumps(tree).encode()
        understood_or_refused(name, operation_name, protocol, body)


@targets
@steady
@given(seed=st.integers(0, 2**32), at=st.floats(0, 1), put=st.binary(max_size=3), cut=st.integers(0, 3))
def test_one_place_of_the_body_overwritten(
    name: str, operation_name: str, protocol: str, seed: int, at: float, put: bytes, cut: int
) -> None:
    body = sample(name, operation_name, protocol, seed).body
    place = int(at * len(body))
    understood_or_refused(name, operation_name, protocol, body[:place] + put + body[place + cut :])


@targets
@steady
@given(seed=st.integers(0, 2**32), at=st.floats(0, 1))
def test_a_body_that_ends_early(name: str, operation_name: str, protocol: str, seed: int, at: float) -> None:
    body = sample(name, operation_name, protocol, seed).body
    understood_or_refused(name, operation_name, protocol, body[: int(at * len(body))])


BOMBS = {
    "deep JSON lists": b"[" * 200_000,
    "deep JSON objects": b'{"a":' * 200_000,
    "deep JSON below a member": b'{"TransactItems":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a long JSON number": b'{"MemorySize": ' + LONG_NUMBER.encode() + b"}",
    "deep CBOR lists": b"\x81" * 200_000,
    "deep CBOR maps": b"\xa1\x61a" * 200_000,
    "deep CBOR tags": b"\xc1" * 200_000,
    "a CBOR list that claims to be long": b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a CBOR string that claims to be long": b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a CBOR big number": b"\xa1\x69Timestamp\xc2\x59\xff\xff" + b"\xff" * 65_535,
    "a CBOR value that holds itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "deep XML": b"<a>" * 200_000,
    "deep XML, closed": b"<a>" * 50_000 + b"</a>" * 50_000,
    "XML entities that multiply": b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
    "an XML entity from a file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "XML in a strange encoding": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
    "XML in an unknown encoding": b'<?xml version="1.0" encoding="x-none"?><a/>',
    "a form with a far index": b"Action=x&Tags.member.999999999999.Key=a&Entries.999999999.Id=b",
    "a form with a long index": b"Tags.member." + LONG_NUMBER.encode() + b".Key=a",
    "a form of many parts": b"&".join(b"Tags.member.%d.Key=a" % number for number in range(20_000)),
    "a form of deep names": b"Tags" + b".member.1" * 50_000 + b"=a",
}


@targets
@pytest.mark.parametrize("bomb", BOMBS)
def test_bodies_made_to_hurt(name: str, operation_name: str, protocol: str, bomb: str) -> None:
    understood_or_refused(name, operation_name, protocol, BOMBS[bomb])


@steady
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "X"]),
    path=st.lists(names, max_size=6).map(lambda parts: "/" + "/".join(parts)) | texts,
    query=texts,
    headers=st.dictionaries(st.sampled_from(["x-amz-target", "smithy-protocol", "content-type"]), texts, max_size=3),
    host=texts | st.sampled_from(["localhost:4566", "b.s3.localhost", "sqs.us-east-1.amazonaws.com"]),
    signing_name=st.none() | texts | st.sampled_from(["lambda", "s3", "sqs", "dynamodb", "apigateway"]),
    body=st.binary(max_size=40),
)
def test_any_request_has_a_route_or_a_refusal(
    method: str, path: str, query: str, headers: dict[str, str], host: str, signing_name: str | None, body: bytes
) -> None:
    with suppress(NoRoute):
        assert find_route(Head(method, path, query, headers, host, signing_name), body).operation is not None


def understood_or_refused(
    name: str,
    operation_name: str,
    protocol: str,
    body: bytes,
    *,
    headers: dict[str, str] | None = None,
    query: str = "",
    label: str = "a",
) -> None:
    """The parser gives parameters, or raises AwsError with a status of a client's error."""
    parser, labels = parsing(name, operation_name, protocol)
    found_labels = dict.fromkeys(labels, label)
    request = WireRequest("POST", "/", query, headers or {}, body, found_labels)
    try:
        assert isinstance(parser(request), dict)
    except AwsError as refusal:
        assert refusal.status is None or 400 <= refusal.status < 500  # noqa: PT017  both ends are right


def parsing(name: str, operation_name: str, protocol: str) -> tuple[Parser, list[str]]:
    service = load_service(name)
    operation = service.botocore.operation_model(operation_name)
    shape = operation.input_shape
    in_uri = [inner for inner, member in shape.members.items() if member.serialization.get("location") == "uri"]
    labels = [str(shape.members[inner].serialization.get("name", inner)) for inner in in_uri]
    return parser_for(service, operation, protocol), labels


def sample(name: str, operation_name: str, protocol: str, seed: int) -> Sent:
    operation = load_service(name).botocore.operation_model(operation_name)
    return send(operation, protocol, make_input(operation, protocol, Random(seed), Fill.SOME))


def spoil(tree: Any, random: Random, value: Any) -> None:
    """Put a value somewhere into a tree of lists and dicts."""
    places: list[tuple[Any, Any]] = []

    def gather(inner: Any) -> None:
        for key, below in inner.items() if isinstance(inner, dict) else enumerate(inner):
            places.append((inner, key))
            if isinstance(below, dict | list):
                gather(below)

    gather(tree)
    if places:
        inner, key = random.choice(places)
        inner[key] = value
