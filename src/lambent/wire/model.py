"""AWS services as botocore describes them, loaded when first needed and kept.

Loading a service's model costs some 10 ms and 2 MB. May import nothing of Lambent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, OperationNotFoundError
from botocore.model import ServiceModel as BotocoreModel

from lambent.wire.uris import Candidate, UriTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
"""botocore's own data and nothing from the home of whoever runs the server."""
_REST = frozenset(("rest-json", "rest-xml"))
_NAMES = {"ec2": "query", "smithy-rpc-v2-cbor": "rpc-v2-cbor"}
"""EC2 speaks a dialect of query; all that is ever told its clients is a refusal, which they read alike."""


class UnknownService(Exception):  # noqa: N818  an answer, not an accident
    """botocore has no such service."""


@dataclass(frozen=True)
class ServiceModel:
    """One service."""

    name: str
    """botocore's name, e.g. `lambda`."""
    botocore: BotocoreModel

    @property
    def signing_name(self) -> str:
        """The service's name in credential scopes."""
        return str(self.botocore.signing_name)

    @property
    def endpoint_prefix(self) -> str:
        """The service's name in host names."""
        return str(self.botocore.endpoint_prefix)

    @property
    def target_prefix(self) -> str | None:
        """What stands before the dot in `X-Amz-Target`; None for protocols without it."""
        prefix = self.botocore.metadata.get("targetPrefix")
        return None if prefix is None else str(prefix)

    @cached_property
    def protocols(self) -> tuple[str, ...]:
        """Every protocol that clients of the service speak, the preferred one first.

        `json-1.0`, `json-1.1`, `query`, `rest-json`, `rest-xml`, `rpc-v2-cbor`, `cbor-1.1`. Services over JSON are also
        understood in CBOR, as Kinesis' SDKs speak it, and those that once spoke query still do.
        """
        metadata = self.botocore.metadata
        version = metadata.get("jsonVersion", "1.1")
        found: list[str] = []
        for name in metadata.get("protocols") or [metadata["protocol"]]:
            if name == "json":
                found += [f"json-{version}", "cbor-1.1", "rpc-v2-cbor"]
            else:
                found.append(_NAMES.get(name, name))
        if "awsQueryCompatible" in metadata:
            found.append("query")
        return tuple(dict.fromkeys(found))

    @property
    def is_rest(self) -> bool:
        """Whether operations are found by method and path."""
        return self.protocols[0] in _REST

    def operation(self, name: str) -> OperationModel | None:
        """One operation, None where the service has none of that name."""
        try:
            return self.botocore.operation_model(name)
        except OperationNotFoundError:
            return None

    @cached_property
    def uris(self) -> UriTable:
        """Operations by method and path; empty for services that are not REST."""
        table = UriTable()
        if self.is_rest:
            for name in self.botocore.operation_names:
                table.add(_candidate(self.botocore.operation_model(name)))
        return table


@cache
def load_service(name: str) -> ServiceModel:
    """A service by botocore's name. Raises UnknownService."""
    try:
        return ServiceModel(name, BotocoreModel(_loader.load_service_model(name, "service-2"), name))
    except UnknownServiceError:
        raise UnknownService(name) from None


def service_names() -> Iterable[str]:
    """Every service that botocore knows."""
    names: list[str] = _loader.list_available_services("service-2")
    return names


def match_uri(
    service: ServiceModel, method: str, path: str, query: str, headers: Mapping[str, str]
) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation of a REST service that a request is for, with the labels of its path, still percent-encoded.

    path: raw, without the query. Of operations that share a path, that one is found which asks for most of what the
    request brings (S3 tells CopyObject from PutObject by a header).
    """
    names = parse_qs(query, keep_blank_values=True) if query else {}
    found = service.uris.find(method, path, names, headers)
    if found is None:
        return None
    return service.botocore.operation_model(found.candidate.operation), found.labels


def _candidate(operation: OperationModel) -> Candidate:
    path, _, query = str(operation.http["requestUri"]).partition("?")
    constants = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    queries, headers = [], []
    shape = operation.input_shape
    for name in shape.required_members if shape is not None else ():
        serialization = shape.members[name].serialization
        if serialization.get("location") == "querystring":
            queries.append(serialization.get("name", name))
        elif serialization.get("location") == "header":
            headers.append(serialization.get("name", name).lower())
    return Candidate(
        operation.name,
        str(operation.http["method"]),
        path,
        constants,
        frozenset(queries),
        frozenset(headers),
        bool(operation.deprecated),
    )
