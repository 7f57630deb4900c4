"""What our writers answer, botocore's parsers find, for every operation of every protocol."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EventStreamError
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.cases import REPRESENTATIVE, Failures, operations, spoken, steady, thoroughness
from conformance.wire.client import receive, streamed
from conformance.wire.parameters import Answer, make_output
from conformance.wire.values import Fill, difference
from lambent.errors import AwsError
from lambent.wire.model import load_service
from lambent.wire.responses import writer_for

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from lambent.wire.message import WireResponse
    from lambent.wire.model import ServiceModel

REQUEST_ID = "8b5f1f0e-7d5c-4a3b-9f43-000000000001"
STREAMS = [
    ("lambda", "InvokeWithResponseStream", "rest-json"),
    ("s3", "SelectObjectContent", "rest-xml"),
    *(("kinesis", "SubscribeToShard", protocol) for protocol in load_service("kinesis").protocols),
    *(("logs", "StartLiveTail", protocol) for protocol in load_service("logs").protocols),
]


@spoken
@thoroughness
def test_members_arrive_as_they_were_answered(name: str, protocol: str, fills: list[Fill]) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        for number, fill in enumerate(fills):
            random = Random(f"{name} {operation.name} {protocol} {fill} {number}")
            answer = make_output(operation, protocol, random, fill)
            case = f"{operation.name} ({fill.value}, #{number})"
            response = None
            try:
                response = write(service, operation, protocol, answer, in_parts=random.random() < 0.5)
                told = difference(answer.members, receive(operation, protocol, response))
            except Exception as error:  # noqa: BLE001  reported with the rest
                failures.add_exception(case, error, answer.members, response)
            else:
                if told is not None:
                    failures.add(case, told, response)
    failures.tell()


@pytest.mark.parametrize("protocol", REPRESENTATIVE)
@steady
@given(seed=st.integers(0, 2**64), fill=st.sampled_from(Fill))
def test_whatever_is_answered_arrives(protocol: str, seed: int, fill: Fill) -> None:
    name, operation_name = REPRESENTATIVE[protocol]
    service = load_service(name)
    operation = service.botocore.operation_model(operation_name)
    answer = make_output(operation, protocol, Random(seed), fill)
    response = write(service, operation, protocol, answer)
    assert difference(answer.members, receive(operation, protocol, response)) is None


@pytest.mark.parametrize(("name", "operation_name", "protocol"), STREAMS)
def test_an_error_in_the_middle_of_a_stream_reaches_the_client(name: str, operation_name: str, protocol: str) -> None:
    service = load_service(name)
    operation = service.botocore.operation_model(operation_name)
    stream = operation.get_event_stream_output()
    exceptions = {event: shape for event, shape in stream.members.items() if shape.metadata.get("exception")}
    answer = make_output(operation, protocol, Random(operation_name), Fill.MOST)
    for event, shape in exceptions.items():
        told = caught(service, operation, protocol, answer, AwsError(shape.name, "it <broke> ü"))
        assert told == {"Code": event, "Message": "it <broke> ü"}
    told = caught(service, operation, protocol, answer, AwsError("SomethingElse", "unknown to the model"))
    assert told == {"Code": "SomethingElse", "Message": "unknown to the model"}


@spoken
def test_a_member_that_is_none_is_absent(name: str, protocol: str) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        bare = make_output(operation, protocol, Random(operation.name), Fill.LEAST)
        absent = dict.fromkeys(operation.output_shape.members if operation.output_shape is not None else ())
        answer = Answer({**absent, **bare.members}, bare.events, bare.stream)
        try:
            found = receive(operation, protocol, write(service, operation, protocol, answer))
        except Exception as error:  # noqa: BLE001  reported with the rest
            failures.add_exception(operation.name, error, answer.members)
        else:
            if (told := difference(bare.members, found)) is not None:
                failures.add(operation.name, told)
    failures.tell()


@spoken
def test_the_request_id_is_in_the_headers(name: str, protocol: str) -> None:
    service = load_service(name)
    header = b"x-amz-request-id" if name == "s3" else b"x-amzn-requestid"
    for operation in operations(service):
        answer = make_output(operation, protocol, Random(operation.name), Fill.LEAST)
        response = write(service, operation, protocol, answer)
        assert dict(response.headers).get(header) == REQUEST_ID.encode(), operation.name


def write(
    service: ServiceModel, operation: OperationModel, protocol: str, answer: Answer, *, in_parts: bool = False
) -> WireResponse:
    """The answer as the writer makes it, event streams and, where asked for, streaming bodies given as iterators."""
    members: dict[str, Any] = dict(answer.members)
    if answer.events is not None:
        members[answer.events] = streamed(answer.members[answer.events])
    if in_parts and answer.stream is not None:
        body = answer.members[answer.stream]
        members[answer.stream] = streamed([body[:7], body[7:]])
    return writer_for(service, operation, protocol)(members, REQUEST_ID)


def caught(
    service: ServiceModel, operation: OperationModel, protocol: str, answer: Answer, error: AwsError
) -> dict[str, Any]:
    """What a client is told when a stream breaks with an error."""
    assert answer.events is not None
    broken = Answer({**answer.members, answer.events: [*answer.members[answer.events], error]}, answer.events, None)
    with pytest.raises(EventStreamError) as raised:
        receive(operation, protocol, write(service, operation, protocol, broken))
    told: dict[str, Any] = raised.value.response["Error"]
    return told
