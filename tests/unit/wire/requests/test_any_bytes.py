"""Whatever the bytes are, a parser returns parameters or refuses in AWS's form."""

from __future__ import annotations

from contextlib import suppress

import cbor2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.wire.model import load_service
from lambent.wire.requests import parser_for
from unit.wire.requests.asking import parsed

SPOKEN = [
    ("lambda", "CreateFunction", "rest-json"),
    ("lambda", "ListDurableExecutionsByFunction", "rest-json"),
    ("kinesis", "PutRecords", "json-1.1"),
    ("kinesis", "GetShardIterator", "cbor-1.1"),
    ("dynamodb", "TransactWriteItems", "rpc-v2-cbor"),
    ("sqs", "SendMessageBatch", "query"),
    ("sns", "PublishBatch", "query"),
    ("s3", "PutBucketLifecycleConfiguration", "rest-xml"),
    ("s3", "CopyObject", "rest-xml"),
]


def words_of(service: str, operation: str) -> list[str]:
    """Names that mean something to an operation."""
    known = load_service(service).operation(operation)
    assert known is not None
    found: set[str] = {"member", "entry", "key", "value", "1", "S", "M", "L"}
    todo, seen = [known.input_shape], set[str]()
    while todo:
        shape = todo.pop()
        if shape.name in seen:
            continue
        seen.add(shape.name)
        found.add(shape.serialization.get("name", shape.name))
        match shape.type_name:
            case "structure":
                found.update(shape.members)
                todo.extend(shape.members.values())
            case "list":
                todo.append(shape.member)
            case "map":
                todo.append(shape.value)
    return sorted(found)


scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.text(max_size=8)


def trees(words: list[str]) -> st.SearchStrategy[object]:
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(words), inner, max_size=6)
    )


def as_json(tree: object) -> bytes:
    try:
        return orjson.dumps(tree)
    except TypeError:  # numbers that do not fit into 64 bits
        return b"{}"


def as_form(tree: object, prefix: str = "") -> str:
    if isinstance(tree, dict):
        return "&".join(as_form(value, f"{prefix}{key}.") for key, value in tree.items())
    if isinstance(tree, list):
        return "&".join(as_form(value, f"{prefix}{number}.") for number, value in enumerate(tree))
    return f"{prefix[:-1]}={tree}"


def as_xml(tree: object, name: str = "LifecycleConfiguration") -> str:
    if isinstance(tree, dict):
        inside = "".join(as_xml(value, key if key.isalpha() else "a") for key, value in tree.items())
    elif isinstance(tree, list):
        return "".join(as_xml(value, name) for value in tree)
    else:
        inside = str(tree)
    return f"<{name}>{inside}</{name}>"


@pytest.mark.parametrize(("service", "operation", "protocol"), SPOKEN)
@given(data=st.data())
def test_whatever_comes_is_parsed_or_refused(service: str, operation: str, protocol: str, data: st.DataObject) -> None:
    words = words_of(service, operation)
    forms = (as_json, cbor2.dumps, lambda tree: as_form(tree).encode(), lambda tree: as_xml(tree).encode())
    form = data.draw(st.sampled_from(forms))
    bodies = st.binary(max_size=60) | trees(words).map(form)
    text = st.sampled_from(["", "x", "1", "-1", "1e9", "true", "2026-01-01T00:00:00Z", "%", "%ff", "%C3%A9", ",", '"'])
    with suppress(AwsError):
        parsed(
            service,
            operation,
            data.draw(bodies),
            protocol=protocol,
            labels={label: data.draw(text) for label in ("FunctionName", "Bucket", "Key")},
            query="&".join(
                f"{word}={data.draw(text)}" for word in data.draw(st.lists(st.sampled_from(words), max_size=3))
            ),
            headers={word.lower(): data.draw(text) for word in data.draw(st.lists(st.sampled_from(words), max_size=6))},
        )


def test_a_parser_is_made_once() -> None:
    service = load_service("lambda")
    operation = service.operation("Invoke")
    assert operation is not None
    assert parser_for(service, operation, "rest-json") is parser_for(service, operation, "rest-json")


def test_a_protocol_that_nobody_speaks_is_a_lookup_error() -> None:
    service = load_service("lambda")
    operation = service.operation("Invoke")
    assert operation is not None
    with pytest.raises(LookupError, match="ec2"):
        parser_for(service, operation, "ec2")
