"""What is known of an error by its code: the names that clients see, its status, the members of its shape.

Operations raise an AwsError with a shape's name, a modelled code, or the code of a protocol that the service spoke
before; all three find the same error. May import `errors`, `wire.model` and `wire.responses.recorded`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lambent.wire.responses.recorded import FAULTS, GENERIC_PREFIXES, QUERY_CODES, TYPE_PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, Shape

    from lambent.errors import AwsError
    from lambent.wire.model import ServiceModel


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error of a service."""

    code: str
    """What clients of the service's own protocol see."""
    query_code: str
    """What clients that speak query see."""
    prefix: str
    """What stands before the code in `__type`."""
    status: int
    """Where the error itself names none."""
    shape: Shape | None
    """None for errors that the model does not know."""
    message: str
    """The message's name on the wire, in JSON and CBOR."""

    def status_of(self, error: AwsError) -> int:
        """The status to answer with."""
        return self.status if error.status is None else error.status


class Errors:
    """The errors of one service, as one operation may raise them. What was asked for once is kept."""

    def __init__(self, service: ServiceModel, operation: OperationModel | None) -> None:
        self._service = service
        self._shapes = _shapes(service)
        self._own = {} if operation is None else _by_code(operation.error_shapes)
        self._query_codes = QUERY_CODES.get(service.name, {})
        self._names = {code: name for name, code in self._query_codes.items()}
        self._known: dict[str, KnownError] = {}

    def find(self, code: str) -> KnownError:
        """The error of a code; one that nobody knows is taken at its word."""
        found = self._known.get(code)
        if found is None:
            found = self._described(code)
            if found.shape is not None:
                self._known[code] = found
        return found

    def _described(self, code: str) -> KnownError:
        service = self._service
        code = self._names.get(code, code)
        shape = self._own.get(code) or self._shapes.get(code)
        is_query_compatible = "awsQueryCompatible" in service.botocore.metadata
        name = code if shape is None else shape.name if is_query_compatible else str(shape.error_code)
        modelled_code = code if shape is None else str(shape.error_code)
        return KnownError(
            code=name,
            query_code=self._query_codes.get(name, modelled_code),
            prefix=_prefix(service.name, name, shape),
            status=_status(name, shape),
            shape=shape,
            message=_message_name(shape),
        )


@cache
def _shapes(service: ServiceModel) -> Mapping[str, Shape]:
    return _by_code(service.botocore.error_shapes)


def _by_code(shapes: list[Shape]) -> dict[str, Shape]:
    """Error shapes by their codes and names; where one's code is another's name, the name counts."""
    by_code = {str(shape.error_code): shape for shape in shapes}
    return by_code | {shape.name: shape for shape in shapes}


def _prefix(service: str, name: str, shape: Shape | None) -> str:
    if shape is not None:
        return TYPE_PREFIXES.get(service, "")
    generic = GENERIC_PREFIXES.get(service, {})
    return generic.get(name, generic.get("", ""))


def _status(name: str, shape: Shape | None) -> int:
    if shape is None:
        return FAULTS.get(name, 400)
    modelled = shape.metadata.get("error", {}).get("httpStatusCode")
    if modelled is not None:
        return int(modelled)
    is_fault = shape._shape_model.get("fault", False)  # noqa: SLF001  the model says it, botocore's Shape does not
    return 500 if is_fault else 400


def _message_name(shape: Shape | None) -> str:
    if shape is None:
        return "message"
    for name, inner in shape.members.items():
        if name.lower() == "message":
            return str(inner.serialization.get("name", name))
    return "message"
