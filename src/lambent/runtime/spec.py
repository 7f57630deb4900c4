"""What a function is to the runtime, one call of it, and what came of the call. Imports nothing of Lambent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

ON_DEMAND = "on-demand"
PROVISIONED = "provisioned-concurrency"


class LogLevels(NamedTuple):
    """The least that is kept of a log in JSON."""

    application: str
    """`TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`."""
    system: str
    """`DEBUG`, `INFO` or `WARN`."""


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """Everything that decides how a function runs; two specs of one generation are equal."""

    account: str
    """Twelve digits."""
    region: str
    name: str
    version: str
    """`$LATEST` or a number."""
    generation: int
    """Grows with every change of code or configuration; environments serve one generation."""
    runtime: str
    """`python3.8` and later, `nodejs16.x` and later, `provided.al2` or `provided.al2023`."""
    handler: str
    """`module.function`, as the user wrote it."""
    timeout_s: int
    memory_mb: int
    tmp_mb: int
    variables: Mapping[str, str]
    """The user's environment variables."""
    code_key: str
    """What `fetch_code` finds the zip by; equal keys mean equal code."""
    log_group: str
    arn: str
    """Without a qualifier."""
    role: str
    layers: tuple[str, ...] = ()
    """What `fetch_code` finds the zips of its layers by, in their order: a later one's files win."""
    initialization_type: str = ON_DEMAND
    """Says of an environment how it came to be; the same function has environments of both kinds."""
    log_levels: LogLevels | None = None
    """None for logs in text, which have no levels."""


class Flow(Protocol):
    """Where the pieces of a response come from."""

    def pause(self) -> None:
        """Hold the function up: it writes faster than its caller reads."""

    def resume(self) -> None:
        """Let it go on."""


class Receiver(Protocol):
    """Takes a response while it comes in pieces."""

    def begin(self, content_type: str, flow: Flow) -> None:
        """A response begins. Not called for functions that return theirs whole."""

    def piece(self, data: bytes) -> None:
        """The next piece, at least one byte."""


class Invocation(NamedTuple):
    """One call."""

    request_id: str
    payload: bytes
    """The event, JSON."""
    invoked_arn: str
    """The ARN exactly as the caller addressed it."""
    client_context: bytes | None = None
    """Decoded JSON; None where the caller sent none."""
    identity: Mapping[str, Any] | None = None
    """`cognitoIdentityId` and `cognitoIdentityPoolId`; None where there is none."""
    trace_header: str | None = None
    """`X-Amzn-Trace-Id`; None leaves the function without one."""
    wants_tail: bool = True
    """Whether somebody reads the outcome's log tail, which is empty otherwise."""
    receiver: Receiver | None = None
    """Who takes a response that comes in pieces; None puts them together in the outcome."""


class Outcome(NamedTuple):
    """What came of a call. An error of the function is an outcome, never an exception."""

    payload: bytes
    """What the function returned, or its error as AWS words it; JSON."""
    status: Literal["success", "error", "timeout"]
    error: bool
    """Whether callers see `X-Amz-Function-Error: Unhandled`."""
    error_type: str | None
    """`Runtime.ExitError`, `Sandbox.Timedout`, a class of the function …; None on success."""
    duration_ms: float
    billed_ms: int
    init_ms: float | None
    """How long the initialisation took; None where the environment was warm."""
    max_memory_mb: int
    log_tail: bytes
    """The last 4 KiB of this call's log, without INIT_START."""
    log_stream: str
    content_type: str | None = None
    """Of a response that came in pieces; None where the function returned it whole."""
