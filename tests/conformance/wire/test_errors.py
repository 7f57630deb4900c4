"""What our error writers answer becomes the exception that a client catches, fields and all."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from conformance.wire.cases import Failures, operations, spoken
from conformance.wire.client import Caught, receive_error
from conformance.wire.parameters import make_error_fields, message_text
from conformance.wire.values import difference
from lambent.errors import AwsError
from lambent.wire.model import load_service
from lambent.wire.responses import error_writer_for

if TYPE_CHECKING:
    from collections.abc import Container

    from botocore.model import OperationModel, Shape

    from lambent.wire.message import WireResponse
    from lambent.wire.model import ServiceModel

REQUEST_ID = "8b5f1f0e-7d5c-4a3b-9f43-000000000002"
SQS_ERRORS = frozenset(shape.name for shape in load_service("sqs").botocore.error_shapes)


@spoken
def test_every_error_of_every_operation_is_the_exception_that_clients_catch(name: str, protocol: str) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        if operation.http["method"] == "HEAD":
            continue  # an answer without a body: the client has the status alone
        for shape in operation.error_shapes:
            for code in dict.fromkeys((shape.name, shape.error_code)):
                case = f"{operation.name} ({code})"
                random = Random(f"{name} {case} {protocol}")
                fields = make_error_fields(shape, protocol, random)
                error = AwsError(code, message_text(protocol, random), fields=fields)
                check(failures, case, service, operation, protocol, error, shape)
    failures.tell()


@spoken
def test_an_error_that_no_model_knows_keeps_its_code_and_status(name: str, protocol: str) -> None:
    service = load_service(name)
    failures = Failures()
    for operation in operations(service):
        if operation.http["method"] == "HEAD":
            continue
        random = Random(f"{name} {operation.name} {protocol}")
        error = AwsError("SomethingUnheardOf", message_text(protocol, random), status=random.choice((400, 418, 503)))
        check(failures, operation.name, service, operation, protocol, error, None)
    failures.tell()


@spoken
def test_an_error_before_the_operation_is_known_can_be_read(name: str, protocol: str) -> None:
    service = load_service(name)
    operation = service.botocore.operation_model(service.botocore.operation_names[0])
    response = error_writer_for(service, None, protocol)(AwsError("SomethingUnheardOf", "no"), REQUEST_ID)
    error = receive_error(operation, protocol, response).error
    assert (error["Code"], error["Message"], response.status) == ("SomethingUnheardOf", "no", 400)


@spoken
def test_headers_of_an_error_are_sent(name: str, protocol: str) -> None:
    service = load_service(name)
    error = AwsError("ThrottlingException", "slow down", status=429, headers={"Retry-After": "7"})
    response = error_writer_for(service, None, protocol)(error, REQUEST_ID)
    assert (b"retry-after", b"7") in response.headers


@spoken
def test_an_error_without_a_message_can_be_read(name: str, protocol: str) -> None:
    service = load_service(name)
    operation = service.botocore.operation_model(service.botocore.operation_names[0])
    response = error_writer_for(service, operation, protocol)(AwsError("AccessDeniedException", None), REQUEST_ID)
    error = receive_error(operation, protocol, response).error
    assert error["Code"] == "AccessDeniedException"
    assert not error.get("Message")


@pytest.mark.parametrize(("name", "protocol"), [("sqs", "json-1.0"), ("sqs", "rpc-v2-cbor")])
def test_services_that_once_spoke_query_keep_the_old_code(name: str, protocol: str) -> None:
    service = load_service(name)
    operation = service.botocore.operation_model("GetQueueUrl")
    response = error_writer_for(service, operation, protocol)(AwsError("QueueDoesNotExist", "gone"), REQUEST_ID)
    error = receive_error(operation, protocol, response).error
    assert error["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert error["QueryErrorCode"] == "QueueDoesNotExist"
    assert error["Type"] == "Sender"


def check(
    failures: Failures,
    case: str,
    service: ServiceModel,
    operation: OperationModel,
    protocol: str,
    error: AwsError,
    shape: Shape | None,
) -> None:
    """Writes one error and has botocore read it."""
    response = None
    try:
        response = error_writer_for(service, operation, protocol)(error, REQUEST_ID)
        told = mistake(error, shape, response, receive_error(operation, protocol, response))
    except Exception as raised:  # noqa: BLE001  reported with the rest
        failures.add_exception(case, raised, error.fields, response)
    else:
        if told is not None:
            failures.add(case, told, response)


def mistake(error: AwsError, shape: Shape | None, response: WireResponse, caught: Caught) -> str | None:
    """What is wrong with an error as a client catches it."""
    found = caught.error
    if caught.exception != (shape and shape.name):
        return f"the client raises {caught.exception} for {found}"
    if shape is None and found["Code"] != error.code:
        return f"the client finds the code {found['Code']}"
    if (found.get("Message") or found.get("message") or "") != error.message:
        return f"the client finds the message {found.get('Message')!r} for {error.message!r}"
    if response.status not in statuses(error, shape):
        return f"the client finds status {response.status} for {statuses(error, shape)}"
    if caught.metadata.get("RequestId") not in {None, REQUEST_ID}:
        return f"the client finds {caught.metadata}"
    fields = {name: value for name, value in caught.fields.items() if name.lower() != "message"}
    return difference(dict(error.fields), {name: fields[name] for name in fields if name != "ResponseMetadata"})


def statuses(error: AwsError, shape: Shape | None) -> Container[int]:
    """The statuses that the error may have."""
    if error.status is not None:
        return (error.status,)
    if shape is None:
        return (400,)
    modelled = shape.metadata.get("error", {}).get("httpStatusCode")
    if modelled is not None:
        return (modelled,)
    if shape._shape_model.get("fault"):
        return (500,)
    # SQS' model lost its statuses when it moved to JSON.
    return range(400, 500) if shape.name in SQS_ERRORS else (400,)
