"""A function as it is kept: its states, its settings and its code.

    create -> Pending -> Active        (or Failed, when its code cannot be unpacked)
    update -> InProgress -> Successful (or Failed); the state itself stays Active, and calls go on with what was there
                                       before until the update is Successful

Sources: Lambda API reference, FunctionConfiguration; developer guide, "Lambda function states".
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from lambent.arn import function_arn
from lambent.runtime.spec import FunctionSpec, LogLevels

if TYPE_CHECKING:
    from lambent.store import Row

LATEST = "$LATEST"


class State(StrEnum):
    """What can be done with a function."""

    PENDING = "Pending"
    """Being created: it is there and cannot be called yet."""
    ACTIVE = "Active"
    """Can be called."""
    FAILED = "Failed"
    """Could not be made ready; the reason says why."""


class UpdateStatus(StrEnum):
    """How far the last update is."""

    IN_PROGRESS = "InProgress"
    """Accepted and kept; calls still see what was there before."""
    SUCCESSFUL = "Successful"
    FAILED = "Failed"


class FunctionKey(NamedTuple):
    """Where a function is, and which version of it."""

    account: str
    region: str
    name: str
    version: str = LATEST

    @property
    def function(self) -> FunctionKey:
        """The function as a whole, which is named by its `$LATEST`."""
        return self._replace(version=LATEST)

    def arn(self, qualifier: str | None = None) -> str:
        """The function's ARN, with a qualifier if one is given."""
        return function_arn(self.account, self.region, self.name, qualifier)

    def names(self) -> dict[str, str]:
        """The columns that name the function as a whole."""
        return {"account": self.account, "region": self.region, "name": self.name}


@dataclass(frozen=True, slots=True)
class Code:
    """A deployment package."""

    blob: str
    """The key of the zip among the store's blobs."""
    sha256: str
    """base64, as clients see it."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LayerUse:
    """A version of a layer that a function has, as it was when it was set: the version itself may be deleted since."""

    arn: str
    blob: str
    """The key of the zip among the store's blobs."""
    size_bytes: int
    unzipped_bytes: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a user sets, with AWS's defaults."""

    runtime: str
    handler: str
    role: str
    description: str = ""
    timeout_s: int = 3
    memory_mb: int = 128
    tmp_mb: int = 512
    variables: dict[str, str] | None = None
    """Environment variables; None where none were ever sent, which clients see as no `Environment` at all."""
    architecture: str = "x86_64"
    tracing_mode: str = "PassThrough"
    log_group: str = ""
    application_log_level: str | None = None
    """None, as with the other one, where logs are text."""
    system_log_level: str | None = None
    has_vpc_config: bool = False
    """An empty VpcConfig was sent, which clients see from then on."""
    runtime_note: str | None = None
    """Why the function runs on something else than it asked for; None where this machine has just that."""
    layers: tuple[LayerUse, ...] = ()
    """In their order: of two files with one name that of the later layer counts."""
    dead_letter: str | None = None
    """The ARN of the queue or topic that gets events which failed for good."""

    @property
    def log_levels(self) -> LogLevels | None:
        """What is kept of logs in JSON; None where they are text."""
        if self.application_log_level is None or self.system_log_level is None:
            return None
        return LogLevels(self.application_log_level, self.system_log_level)


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """One version of a function."""

    key: FunctionKey
    configuration: Configuration
    code: Code
    revision_id: str
    generation: int
    """Grows with every change that environments must not outlive."""
    last_modified_ms: int
    state: State = State.PENDING
    state_reason: str | None = None
    state_reason_code: str | None = None
    last_update_status: UpdateStatus | None = None
    last_update_status_reason: str | None = None
    last_update_status_reason_code: str | None = None

    @property
    def arn(self) -> str:
        """Without a qualifier."""
        return self.key.arn()

    @property
    def updating(self) -> bool:
        """Whether an update has not come to its end."""
        return self.last_update_status is UpdateStatus.IN_PROGRESS

    def spec(self) -> FunctionSpec:
        """What the runtime needs to know to run it."""
        settings = self.configuration
        return FunctionSpec(
            account=self.key.account,
            region=self.key.region,
            name=self.key.name,
            version=self.key.version,
            generation=self.generation,
            runtime=settings.runtime,
            handler=settings.handler,
            timeout_s=settings.timeout_s,
            memory_mb=settings.memory_mb,
            tmp_mb=settings.tmp_mb,
            variables=settings.variables or {},
            code_key=self.code.blob,
            log_group=settings.log_group,
            log_levels=settings.log_levels,
            arn=self.arn,
            role=settings.role,
            layers=tuple(layer.blob for layer in settings.layers),
        )

    def content(self) -> str:
        """Equal for records between which neither code nor configuration changed."""
        settings = replace(self.configuration, runtime_note=None)
        text = orjson.dumps([asdict(settings), self.code.sha256], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()

    def published(self, version: str, *, description: str | None, revision_id: str, generation: int) -> FunctionRecord:
        """The record as a version of its own. description: None keeps the function's."""
        settings = self.configuration
        if description is not None:
            settings = replace(settings, description=description)
        return replace(
            self,
            key=self.key._replace(version=version),
            configuration=settings,
            revision_id=revision_id,
            generation=generation,
        )

    def changed(self, *, revision_id: str, generation: int, now_ms: int, **fields: Any) -> FunctionRecord:
        """The record as it is while an update with these fields is in progress."""
        return replace(
            self,
            revision_id=revision_id,
            generation=generation,
            last_modified_ms=now_ms,
            last_update_status=UpdateStatus.IN_PROGRESS,
            last_update_status_reason="The function is being created.",
            last_update_status_reason_code="Creating",
            **fields,
        )

    def settled(self, *, revision_id: str) -> FunctionRecord:
        """The record once it is ready to be called."""
        return replace(
            self,
            revision_id=revision_id,
            state=State.ACTIVE,
            state_reason=None,
            state_reason_code=None,
            last_update_status=UpdateStatus.SUCCESSFUL,
            last_update_status_reason=None,
            last_update_status_reason_code=None,
        )

    def failed(self, reason: str, *, revision_id: str) -> FunctionRecord:
        """The record when it could not be made ready: a new function is Failed, an updated one stays Active."""
        broken = replace(
            self,
            revision_id=revision_id,
            last_update_status=UpdateStatus.FAILED,
            last_update_status_reason=reason,
            last_update_status_reason_code="InternalError",
        )
        if self.state is State.ACTIVE:
            return broken
        return replace(broken, state=State.FAILED, state_reason=reason, state_reason_code="InternalError")


def to_row(record: FunctionRecord) -> dict[str, Any]:
    """The columns of a record."""
    return {
        **record.key._asdict(),
        "state": record.state,
        "state_reason": record.state_reason,
        "state_reason_code": record.state_reason_code,
        "last_update_status": record.last_update_status,
        "last_update_status_reason": record.last_update_status_reason,
        "last_update_status_reason_code": record.last_update_status_reason_code,
        "revision_id": record.revision_id,
        "generation": record.generation,
        "last_modified": record.last_modified_ms,
        "runtime": record.configuration.runtime,
        "code_blob": record.code.blob,
        "code_sha256": record.code.sha256,
        "code_size": record.code.size_bytes,
        "config": orjson.dumps(asdict(record.configuration)).decode(),
    }


def configuration_of(text: str) -> Configuration:
    """The configuration that is kept as this JSON."""
    members = orjson.loads(text)
    members["layers"] = tuple(LayerUse(**layer) for layer in members.get("layers", ()))
    return Configuration(**members)


def from_row(row: Row) -> FunctionRecord:
    """The record of a row."""
    status = row["last_update_status"]
    return FunctionRecord(
        key=FunctionKey(row["account"], row["region"], row["name"], row["version"]),
        configuration=configuration_of(row["config"]),
        code=Code(row["code_blob"], row["code_sha256"], row["code_size"]),
        revision_id=row["revision_id"],
        generation=row["generation"],
        last_modified_ms=row["last_modified"],
        state=State(row["state"]),
        state_reason=row["state_reason"],
        state_reason_code=row["state_reason_code"],
        last_update_status=UpdateStatus(status) if status else None,
        last_update_status_reason=row["last_update_status_reason"],
        last_update_status_reason_code=row["last_update_status_reason_code"],
    )
