from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from lambent.services.lambda_ import refusals

if TYPE_CHECKING:
    from lambent.errors import AwsError

MODEL = ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")
NOT_MODELLED = {"AccessDeniedException", "NotImplementedException", "RequestEntityTooLargeException"}
ALL = [
    (refusals.not_found("x"), "ResourceNotFoundException", 404),
    (refusals.function_not_found("arn"), "ResourceNotFoundException", 404),
    (refusals.invalid_parameter("x"), "InvalidParameterValueException", 400),
    (refusals.name_too_long("n" * 65, 64), "InvalidParameterValueException", 400),
    (refusals.conflict("x"), "ResourceConflictException", 409),
    (refusals.revision_mismatch(), "PreconditionFailedException", 412),
    (refusals.code_too_large(5, "Zipped"), "RequestEntityTooLargeException", 413),
    (refusals.code_too_large(5, "Unzipped"), "InvalidParameterValueException", 400),
    (refusals.access_denied("Invoke", "arn", "111111111111"), "AccessDeniedException", 403),
    (refusals.not_built("Layers"), "NotImplementedException", 501),
]


@pytest.mark.parametrize(("refusal", "code", "status"), ALL, ids=[code for _, code, _ in ALL])
def test_a_refusal_is_lambdas_own(refusal: AwsError, code: str, status: int) -> None:
    assert refusal.code == code
    if code in NOT_MODELLED:
        assert refusal.status == status
        return
    shape = MODEL.shape_for(code)
    assert (refusal.status or shape.metadata["error"]["httpStatusCode"]) == status
    assert set(refusal.fields) <= set(shape.members)


def test_what_is_refused_is_named() -> None:
    assert refusals.not_built("Layers").message == "Lambent does not implement Layers"
    assert refusals.function_not_found("arn").message == "Function not found: arn"
    assert refusals.code_too_large(5, "Zipped").message == "Zipped size must be smaller than 5 bytes"
    assert "Value 'nn' at 'functionName'" in str(refusals.name_too_long("nn", 1))
    assert str(refusals.access_denied("Invoke", "the arn", "111111111111")).endswith(
        "User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:Invoke on resource: the arn "
        "because no resource-based policy allows the lambda:Invoke action"
    )
