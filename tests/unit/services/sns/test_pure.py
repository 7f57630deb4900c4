"""Properties of what is decided without a store: envelopes, filters, retries."""

from __future__ import annotations

import json
import string
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.delivery import Attribute
from lambent.services.sns.documents import Malformed, parse_object
from lambent.services.sns.envelope import Wrapping, asking, function_event
from lambent.services.sns.filters import ATTRIBUTES, BODY, decoded, passes
from lambent.services.sns.notification import Notification
from lambent.services.sns.outbox import _packed, _unpacked
from lambent.services.sns.retries import DEFAULT, delay_s

TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.text(string.ascii_letters, min_size=1, max_size=5)
VALUES = st.builds(Attribute, st.just("String"), TEXT) | st.builds(Attribute, st.just("Binary"), st.binary(max_size=9))
POLICIES = st.builds(
    lambda least, more, phases, growing, function: (
        DEFAULT
        | {
            "minDelayTarget": least,
            "maxDelayTarget": least + more,
            "numNoDelayRetries": phases[0],
            "numMinDelayRetries": phases[1],
            "numMaxDelayRetries": phases[2],
            "numRetries": sum(phases) + growing,
            "backoffFunction": function,
        }
    ),
    st.integers(1, 100),
    st.integers(0, 1000),
    st.tuples(*[st.integers(0, 5)] * 3),
    st.integers(0, 10),
    st.sampled_from(["linear", "arithmetic", "geometric", "exponential"]),
)


@given(message=TEXT, subject=TEXT | st.none(), attributes=st.dictionaries(NAMES, VALUES, max_size=4))
def test_an_envelope_is_json_whatever_is_in_it(
    message: str, subject: str | None, attributes: dict[str, Attribute]
) -> None:
    note = Notification("id", TOPIC, {"default": message}, "now", "http://x", attributes, subject)
    read = json.loads(Wrapping(note).wrapped("sqs", f"{TOPIC}:s"))
    assert (read["Message"], read.get("Subject")) == (message, subject)
    assert read.get("MessageAttributes", {}).keys() == attributes.keys()
    event = json.loads(function_event(note, f"{TOPIC}:s"))["Records"][0]["Sns"]
    assert (event["Message"], event["Subject"]) == (message, subject)


def test_an_envelope_is_laid_out_as_on_aws() -> None:
    note = Notification("i", TOPIC, {"default": "m"}, "t", "u", {"a": Attribute("String", "v")}, sequence="1")
    assert Wrapping(note).wrapped("sqs", "s") == (
        '{\n  "Type" : "Notification",\n  "MessageId" : "i",\n  "SequenceNumber" : "1",\n'
        f'  "TopicArn" : "{TOPIC}",\n  "Message" : "m",\n  "Timestamp" : "t",\n'
        '  "UnsubscribeURL" : "u/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn=s",\n'
        '  "MessageAttributes" : {\n    "a" : {"Type":"String","Value":"v"}\n  }\n}'
    )


def test_a_confirmation_says_what_it_confirms() -> None:
    made = asking(
        "SubscriptionConfirmation",
        message_id="i",
        subscription_arn="s",
        topic_arn=TOPIC,
        token="k",
        at="t",
        base="http://x",
    )
    read = json.loads(made)
    assert read["Message"] == (
        f"You have chosen to subscribe to the topic {TOPIC}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    url = f"http://x/?Action=ConfirmSubscription&Version=2010-03-31&TopicArn={TOPIC}&Token=k"
    assert read["SubscribeURL"] == url


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_attributes_survive_the_outbox(attributes: dict[str, Attribute]) -> None:
    assert _unpacked(_packed(attributes)) == attributes


@given(POLICIES)
def test_delays_stay_within_the_policy_and_end(policy: dict[str, Any]) -> None:
    delays = [delay_s(policy, attempts) for attempts in range(1, policy["numRetries"] + 1)]
    assert delay_s(policy, policy["numRetries"] + 1) is None
    at_once = policy["numNoDelayRetries"]
    assert delays[:at_once] == [0.0] * at_once
    waits = [delay for delay in delays[at_once:] if delay is not None]
    assert len(waits) == policy["numRetries"] - at_once
    assert waits == sorted(waits)
    assert all(policy["minDelayTarget"] <= wait <= policy["maxDelayTarget"] + 1e-6 for wait in waits)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        (Attribute("String", "1"), "1"),
        (Attribute("Number", "1.0"), Decimal(1)),
        (Attribute("Number.int", "7"), Decimal(7)),
        (Attribute("String.Array", '["a", 1, null]'), ["a", 1, None]),
        (Attribute("String.Array", '"a"'), ["a"]),
        (Attribute("String.Array", "no json"), b""),
        (Attribute("Binary", b"\x01"), b"\x01"),
    ],
)
def test_attributes_are_looked_at_as_what_they_are(attribute: Attribute, value: Any) -> None:
    assert decoded(attribute) == value


@pytest.mark.parametrize(
    ("policy", "attribute", "expected"),
    [
        (["a"], Attribute("String", "a"), True),
        (["a"], None, False),
        ([{"exists": False}], None, True),
        ([{"prefix": "a"}], Attribute("String.Array", '["b", "ab"]'), True),
        ([{"numeric": ["=", 1]}], Attribute("Number", "1.0"), True),
        ([{"numeric": ["=", 1]}], Attribute("String", "1"), False),
        ([{"anything-but": ["a"]}], None, False),
        ([{"anything-but": ["a"]}], Attribute("String", "b"), True),
        ([True], Attribute("String.Array", "[true]"), True),
        (["AQ=="], Attribute("Binary", b"\x01"), False),
    ],
)
def test_policies_of_attributes(policy: list[Any], attribute: Attribute | None, expected: bool) -> None:
    attributes = {} if attribute is None else {"k": attribute}
    assert passes(json.dumps({"k": policy}), ATTRIBUTES, attributes, "") is expected


@given(st.dictionaries(NAMES, st.sampled_from("xyz"), max_size=4), st.dictionaries(NAMES, st.just("x"), min_size=1))
def test_every_key_of_a_policy_must_be_there(attributes: dict[str, str], wanted: dict[str, str]) -> None:
    policy = json.dumps({name: [value] for name, value in list(wanted.items())[:5]})
    expected = all(attributes.get(name) == "x" for name in list(wanted)[:5])
    given_ = {name: Attribute("String", value) for name, value in attributes.items()}
    assert passes(policy, ATTRIBUTES, given_, "") is expected
    assert passes(policy, BODY, {}, json.dumps(attributes)) is expected


@pytest.mark.parametrize("body", ["no json", "[]", '"text"', "1", "{"])
def test_a_body_that_is_no_object_goes_to_nobody_who_filters(body: str) -> None:
    assert not passes('{"a": [{"exists": false}]}', BODY, {}, body)


@given(TEXT)
def test_a_document_is_an_object_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert isinstance(parse_object(text), dict)


@pytest.mark.parametrize("text", ["", "[]", "1", "null", "{", "{'a': 1}", '{"a": }'])
def test_what_is_no_object_is_told_so(text: str) -> None:
    with pytest.raises(Malformed, match=r"^failed to parse JSON\."):
        parse_object(text)
