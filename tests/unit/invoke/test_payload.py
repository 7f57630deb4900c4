import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.invoke.payload import checked_event

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
SOURCE = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@given(JSON, st.sampled_from([None, 2]))
def test_json_goes_through_untouched(value: Any, indent: int | None) -> None:
    payload = json.dumps(value, indent=indent).encode()
    assert checked_event(payload) is payload


@pytest.mark.parametrize("absent", [None, b""])
def test_no_payload_is_an_empty_object(absent: bytes | None) -> None:
    assert checked_event(absent) == b"{}"


@given(st.binary(min_size=1))
def test_whatever_comes_is_taken_or_refused_in_aws_form(payload: bytes) -> None:
    refusal = None
    try:
        checked_event(payload)
    except AwsError as problem:
        refusal = problem
    if refusal is not None:
        assert refusal.code == "InvalidRequestContentException"
        assert str(refusal.message).startswith("Could not parse request body into json: Could not parse payload ")
        assert f"\n at [Source: {SOURCE}; line: " in str(refusal.message)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"a", f"Unrecognized token 'a': was expecting {TOKENS}\n at [Source: {SOURCE}; line: 1, column: 2]"),
        (b"ab", f"Unrecognized token 'ab': was expecting {TOKENS}\n at [Source: {SOURCE}; line: 1, column: 3]"),
    ],
)
def test_refusals_are_worded_as_recorded(payload: bytes, words: str) -> None:
    with pytest.raises(AwsError) as refusal:
        checked_event(payload)
    assert str(refusal.value.message).endswith(words)


def test_deep_nesting_is_refused_and_not_followed() -> None:
    with pytest.raises(AwsError) as refusal:
        checked_event(b"[" * 100_000)
    assert refusal.value.code == "InvalidRequestContentException"


@pytest.mark.parametrize("constant", [b"NaN", b"-Infinity", b"[Infinity]"])
def test_what_python_alone_calls_a_number_is_refused(constant: bytes) -> None:
    with pytest.raises(AwsError) as refusal:
        checked_event(constant)
    assert refusal.value.code == "InvalidRequestContentException"


@pytest.mark.parametrize("payload", [b"1" * 1000, b"1" * 5000, b"-1e999", rb'{"half": "\ud800"}'])
def test_json_that_does_not_fit_into_a_machines_words_is_json(payload: bytes) -> None:
    assert checked_event(payload) is payload
