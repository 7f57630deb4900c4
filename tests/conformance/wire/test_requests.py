"""What botocore's serialisers send, routing finds and our parsers understand, for every operation of every protocol."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.cases import REPRESENTATIVE, SPOKEN, Failures, operations, spoken, steady, thoroughness
from conformance.wire.client import Sent, send
from conformance.wire.parameters import make_input
from conformance.wire.values import Fill, difference
from lambent.wire.message import WireRequest
from lambent.wire.model import load_service
from lambent.wire.requests import parser_for
from lambent.wire.route import Head, Route, find_route

if TYPE_CHECKING:
    from botocore.model import OperationModel

    from lambent.wire.model import ServiceModel

SUCCESSORS = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
}
"""Deprecated operations whose requests look like those of the ones that took their place."""
ELSEWHERE = frozenset(("ListDirectoryBuckets", "WriteGetObjectResponse"))
"""Operations of S3 that only their hosts tell from others: those of directory buckets and of Object Lambda."""


@spoken
@thoroughness
def test_parameters_arrive_as_they_were_sent(name: str, protocol: str, fills: list[Fill]) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        for number, fill in enumerate(fills):
            random = Random(f"{name} {operation.name} {protocol} {fill} {number}")
            params = make_input(operation, protocol, random, fill)
            sent = send(operation, protocol, params)
            case = f"{operation.name} ({fill.value}, #{number})"
            try:
                told = mistake(service, operation, protocol, params, sent)
            except Exception as error:  # noqa: BLE001  reported with the rest
                failures.add_exception(case, error, sent)
            else:
                if told is not None:
                    failures.add(case, told, sent)
    failures.tell()


@pytest.mark.parametrize("protocol", REPRESENTATIVE)
@steady
@given(seed=st.integers(0, 2**64), fill=st.sampled_from(Fill))
def test_whatever_a_client_sends_arrives(protocol: str, seed: int, fill: Fill) -> None:
    name, operation_name = REPRESENTATIVE[protocol]
    service = load_service(name)
    operation = service.botocore.operation_model(operation_name)
    params = make_input(operation, protocol, Random(seed), fill)
    sent = send(operation, protocol, params)
    assert mistake(service, operation, protocol, params, sent) is None


@pytest.mark.parametrize("name", [name for name, protocol in SPOKEN if protocol == "query"])
def test_a_form_may_stand_in_the_address(name: str) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        params = make_input(operation, "query", Random(operation.name), Fill.MOST)
        form = send(operation, "query", params)
        sent = Sent("GET", form.host, form.path, form.body.decode(), {}, b"")
        if (told := mistake(service, operation, "query", params, sent)) is not None:
            failures.add(operation.name, told, sent)
    failures.tell()


def mistake(
    service: ServiceModel, operation: OperationModel, protocol: str, params: dict[str, Any], sent: Sent
) -> str | None:
    """What is wrong with the request as we understand it, None where all is as it was sent."""
    route = routed(service, operation, protocol, sent)
    went = (route.service.name, route.operation and route.operation.name, route.protocol)
    if went != (service.name, SUCCESSORS.get(operation.name, operation.name), protocol):
        return f"routed to {went}"
    request = WireRequest(sent.method, route.path, sent.query, sent.headers, sent.body, route.labels)
    found = parser_for(service, operation, protocol)(request)
    return difference(comparable(operation, protocol, params), comparable(operation, protocol, found))


def routed(service: ServiceModel, operation: OperationModel, protocol: str, sent: Sent) -> Route:
    if operation.name in ELSEWHERE:
        return Route(service, protocol, operation, {}, sent.path)
    head = Head(sent.method, sent.path, sent.query, sent.headers, sent.host, service.signing_name)
    return find_route(head, sent.body)


def comparable(operation: OperationModel, protocol: str, params: dict[str, Any]) -> dict[str, Any]:
    """Without an empty payload: an empty body, or JSON's `{}`, does not tell whether the member was there."""
    shape = operation.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    nothing = [b"", "", {}] if protocol == "rest-json" else [b"", ""]
    return {name: value for name, value in params.items() if name != payload or value not in nothing}
