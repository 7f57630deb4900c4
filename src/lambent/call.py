"""What an operation knows about the call it serves, and what a service offers to the wire.

A service is data: a botocore service name and a table from operation name to handler. A handler takes a `Call` and the
parameters as botocore's shapes name them, and returns the output shape's members (or a `Result` where headers that no
model knows go with it). May import nothing of Lambent but `errors`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Params = dict[str, Any]
Output = Mapping[str, Any]


class Call(NamedTuple):
    """One request of one client, as far as an operation may know it."""

    account: str
    """Twelve digits."""
    region: str
    request_id: str
    service: str
    """botocore's service name, e.g. `lambda`."""
    operation: str
    access_key: str | None
    """Who signed; None for an unsigned request."""
    endpoint: str
    """Scheme, host and port that the client used, e.g. `http://localhost:4566`; for URLs in answers."""
    source_ip: str
    user_agent: str
    trace_header: str | None
    """The caller's `X-Amzn-Trace-Id`, None where there is none."""


class Result(NamedTuple):
    """An output with response headers that its shape does not name."""

    output: Output
    headers: Mapping[str, str]


Handler = Callable[[Call, Params], Awaitable["Output | Result"]]


@dataclass(frozen=True, slots=True)
class Service:
    """The operations of one AWS service that are built.

    body_limits: largest request body in bytes per operation; `""` is the limit of all others.
    action_names: what refusals call an operation, where that is not the model's name.
    fault_code: the error that clients see when the service itself fails.
    """

    name: str
    operations: Mapping[str, Handler]
    body_limits: Mapping[str, int] = field(default_factory=dict)
    action_names: Mapping[str, str] = field(default_factory=dict)
    fault_code: str = "InternalFailure"
