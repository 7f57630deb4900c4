from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.services.sqs import content
from lambent.services.sqs.receipts import handle_of, receipt_of

RECORDED: content.Attributes = {
    "General": ("String", "Kenobi"),
    "Hello": ("String", "There"),
    "Help.Me": ("String", "Me"),
}
TEXT = "Message (user) attribute 'X' must contain a non-empty value of type 'String'."


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("X", {"DataType": "String", "StringValue": ""}, TEXT),
        ("X", {"DataType": "String"}, TEXT),
        ("X", {"DataType": "Number", "StringValue": "one"}, "to a number"),
        ("X", {"DataType": "Text", "StringValue": "x"}, "supported type prefixes: Binary, Number, String."),
        ("X", {"StringValue": "x"}, "must contain a non-empty message attribute type."),
        ("AWS.x", {"DataType": "String", "StringValue": "x"}, "beginning with 'AWS.'"),
        (".x", {"DataType": "String", "StringValue": "x"}, "name can only contain"),
        ("x" * 256, {"DataType": "String", "StringValue": "x"}, "shorter than 256 Bytes"),
    ],
)
def test_an_attribute_that_is_none_is_refused(name: str, value: dict[str, Any], text: str) -> None:
    with pytest.raises(AwsError) as refusal:
        content.attributes_of({name: value})
    assert refusal.value.code == "InvalidParameterValueException"
    assert text in str(refusal.value.message)


def test_more_than_ten_attributes_are_refused() -> None:
    with pytest.raises(AwsError, match=r"\[11\] exceeds the allowed maximum \[10\]"):
        content.attributes_of({f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)})


@pytest.mark.parametrize("body", ["a\x00", "\x1f", "\ufffe"])
def test_characters_that_xml_has_not_are_refused(body: str) -> None:
    with pytest.raises(AwsError, match="InvalidMessageContents"):
        content.body_of({"MessageBody": body})


@pytest.mark.parametrize(
    ("names", "digest"),
    [
        (["All"], "4c360f3fdafd970e05fae2f149d997f5"),
        (["*"], "4c360f3fdafd970e05fae2f149d997f5"),
        ([".*"], "4c360f3fdafd970e05fae2f149d997f5"),
        (["Hello", "General"], "fca026605781cb4126a1e9044df24232"),
        (["Hello", "Nobody"], "a311262e065454b75da111d535b8dacd"),
        (["Hel.*", "Help.*", "Hello"], "83fee93c1bcd8b9a5a923ffacdc636c7"),
    ],
)
def test_digests_are_those_that_aws_was_seen_to_send(names: list[str], digest: str) -> None:
    assert content.md5_of_attributes(content.chosen(RECORDED, names)) == digest


@given(
    st.dictionaries(
        st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True),
        st.one_of(
            st.tuples(st.just("String.own"), st.text(min_size=1)), st.tuples(st.just("Binary"), st.binary(min_size=1))
        ),
        max_size=10,
    )
)
def test_attributes_come_out_of_the_store_as_they_went_in(attributes: content.Attributes) -> None:
    assert content.restored(content.kept(attributes)) == attributes


@given(*[st.integers(0, 2**63 - 1)] * 3, st.integers(0, 2**32 - 1), st.uuids())
def test_a_handle_tells_what_it_was_made_of(queue: int, lot: int, row: int, count: int, one: Any) -> None:
    receipt = receipt_of(handle_of(queue, lot, row, count, str(one)))
    assert (receipt.queue, receipt.lot, receipt.row, receipt.receive_count) == (queue, lot, row, count)
    assert str(one).startswith(receipt.start)


@given(st.one_of(st.text(min_size=1), st.binary(min_size=1).map(lambda data: base64.b64encode(data).decode())))
def test_whatever_else_is_no_handle(text: str) -> None:
    with pytest.raises(AwsError, match="ReceiptHandleIsInvalid"):
        receipt_of(text)
