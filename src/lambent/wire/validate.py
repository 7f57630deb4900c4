"""Parameters that break their service model's constraints are refused, in AWS's words, before an operation runs.

What the model says is checked first and whole, as AWS does: up to ten violations in one message, in the order of the
model's members, before the service looks whether anything exists. What only the service itself knows (a name of 65
letters, a runtime that is gone) is its own to refuse. May import `errors` and `wire`.

S3, SQS, CloudWatch and API Gateway do not speak of constraints: their operations answer for missing and wrong values in
their own words, so that nothing is checked for them here.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.wire.constraints import MOST_TOLD, checker
from lambent.wire.constraints_lambda import LAMBDA
from lambent.wire.constraints_recorded import NONE_RECORDED
from lambent.wire.model import load_service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambent.wire.model import ServiceModel

    Validator = Callable[[Mapping[str, Any]], None]

_IN_THEIR_OWN_WORDS = frozenset(("cloudwatch", "s3", "sqs", "apigateway", "apigatewayv2"))
_CODES = {"logs": "InvalidParameterException"}
_RECORDINGS = {"lambda": LAMBDA}


@cache
def validator_for(service: str, operation: str) -> Validator:
    """What refuses the parameters of an operation that its model forbids; made once.

    The validator takes parameters as the codec parsed them, None meaning absent, and raises AwsError with status 400:
    ValidationException, ValidationError for services that speak query, InvalidParameterException for logs.
    Raises UnknownService, LookupError for an operation that the service has not.
    """
    model = load_service(service)
    known = model.operation(operation)
    if known is None:
        raise LookupError(f"{service} has no operation {operation}")
    violations = None
    if service not in _IN_THEIR_OWN_WORDS:
        violations = checker(known, _RECORDINGS.get(service, NONE_RECORDED))
    if violations is None:
        return _accept
    code = _CODES.get(service) or _code(model)

    def validate(params: Mapping[str, Any]) -> None:
        if found := violations(params):
            told = [violation.told() for violation in islice(found, MOST_TOLD)]
            errors = "error" if len(told) == 1 else "errors"
            raise AwsError(code, f"{len(told)} validation {errors} detected: {'; '.join(told)}", status=400)

    return validate


def _accept(params: Mapping[str, Any]) -> None:
    """Nothing can be wrong with them."""


def _code(model: ServiceModel) -> str:
    return "ValidationError" if model.protocols[0] == "query" else "ValidationException"
