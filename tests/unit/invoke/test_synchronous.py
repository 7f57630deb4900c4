from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from eventloop import turns
from lambent.errors import AwsError
from lambent.invoke.concurrency import Concurrency
from lambent.invoke.synchronous import Invoker
from lambent.invoke.target import Target
from lambent.runtime.archive import ArchiveTooLarge, BadArchive
from lambent.runtime.environments import CapacityExceeded, Environments
from lambent.runtime.interpreters import RuntimeUnavailable
from lambent.runtime.spec import FunctionSpec, Invocation, Outcome

if TYPE_CHECKING:
    from lambent.metrics import MetricSink

SPEC = FunctionSpec(
    account="111111111111",
    region="eu-west-1",
    name="f",
    version="$LATEST",
    generation=1,
    runtime="python3.12",
    handler="m.h",
    timeout_s=3,
    memory_mb=128,
    tmp_mb=512,
    variables={},
    code_key="0" * 64,
    log_group="/aws/lambda/f",
    arn="arn:aws:lambda:eu-west-1:111111111111:function:f",
    role="arn:aws:iam::111111111111:role/r",
)
TARGET = Target(SPEC, "Active", None)
CALL = Invocation("id", b"{}", SPEC.arn)
OUTCOME = Outcome(b"1", "success", False, None, 1.0, 1, None, 30, b"", "stream")


class FakeEnvironments:
    """Calls end when they are let, with an outcome or a problem."""

    def __init__(self, *, problem: BaseException | None = None) -> None:
        self.go = asyncio.Event()
        self.calls: list[tuple[FunctionSpec, Invocation]] = []
        self._problem = problem

    async def invoke(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        self.calls.append((spec, invocation))
        await self.go.wait()
        if self._problem is not None:
            raise self._problem
        return OUTCOME


class Counted:
    """Remembers what was counted, and for whom."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.counted: list[str] = []

    def function(self, *where: Any) -> Counted:
        self.asked.append(where)
        return self

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.counted.append(name)


def made(
    environments: FakeEnvironments, limit: int = 10, metrics: Counted | None = None
) -> tuple[Invoker, Concurrency]:
    concurrency = Concurrency(limit)
    invoker = Invoker(
        environments=cast("Environments", environments),
        concurrency=concurrency,
        metrics=cast("MetricSink", metrics or Counted()),
    )
    return invoker, concurrency


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("Pending", "creating", "is currently in the following state: Pending"),
        ("Inactive", None, "is currently in the following state: Inactive"),
        ("Failed", "no code", "The function is in the Failed state and cannot be invoked: no code"),
    ],
)
async def test_a_function_that_is_not_active_is_not_called(state: str, reason: str | None, words: str) -> None:
    environments = FakeEnvironments()
    invoker, concurrency = made(environments)
    with pytest.raises(AwsError, match=words) as refusal:
        await invoker.run(replace(TARGET, state=state, state_reason=reason), CALL)
    assert refusal.value.code == "ResourceConflictException"
    assert refusal.value.fields == {"Type": "User"}
    assert environments.calls == []
    assert concurrency.total == 0


@pytest.mark.parametrize(
    ("problem", "code", "status"),
    [
        (CapacityExceeded("all busy"), "TooManyRequestsException", None),
        (RuntimeUnavailable("no python3.8"), "InvalidRuntimeException", 502),
        (BadArchive("torn"), "InvalidZipFileException", 502),
        (ArchiveTooLarge("bomb"), "InvalidZipFileException", 502),
        (OSError(28, "No space left on device"), "ServiceException", 500),
    ],
)
async def test_a_machine_that_cannot_run_it_is_told_in_lambdas_errors(
    problem: Exception, code: str, status: int | None
) -> None:
    environments = FakeEnvironments(problem=problem)
    environments.go.set()
    invoker, concurrency = made(environments)
    with pytest.raises(AwsError) as refusal:
        await invoker.run(TARGET, CALL)
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert concurrency.total == 0


async def test_a_call_over_the_limit_does_not_reach_an_environment() -> None:
    environments = FakeEnvironments()
    invoker, _ = made(environments, limit=2)
    running = [asyncio.create_task(invoker.run(TARGET, CALL)) for _ in range(2)]
    await turns()
    with pytest.raises(AwsError, match="Rate Exceeded"):
        await invoker.run(TARGET, CALL)
    assert len(environments.calls) == 2

    environments.go.set()
    await asyncio.gather(*running)
    assert await invoker.run(TARGET, CALL) is OUTCOME


async def test_other_regions_have_places_of_their_own() -> None:
    environments = FakeEnvironments()
    invoker, concurrency = made(environments, limit=1)
    other = replace(TARGET, spec=replace(SPEC, region="us-east-1"))
    running = [asyncio.create_task(invoker.run(target, CALL)) for target in (TARGET, other)]
    await turns()
    assert concurrency.total == 2
    environments.go.set()
    assert await asyncio.gather(*running) == [OUTCOME, OUTCOME]


@pytest.mark.parametrize("problem", [None, CapacityExceeded(), LookupError("a bug"), asyncio.CancelledError()])
async def test_every_end_of_a_call_gives_its_place_back(problem: BaseException | None) -> None:
    environments = FakeEnvironments(problem=problem)
    environments.go.set()
    invoker, concurrency = made(environments, limit=1)
    for _ in range(3):
        result: Any = (await asyncio.gather(invoker.run(TARGET, CALL), return_exceptions=True))[0]
        assert isinstance(result, Outcome | BaseException)
        assert concurrency.total == 0
    assert len(environments.calls) == 3


async def test_a_caller_that_goes_away_gives_its_place_back() -> None:
    environments = FakeEnvironments()
    invoker, concurrency = made(environments)
    running = asyncio.create_task(invoker.run(TARGET, CALL))
    await turns()
    assert concurrency.running(SPEC.account, SPEC.region) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert concurrency.total == 0


async def test_the_call_reaches_the_environment_as_it_is() -> None:
    environments = FakeEnvironments()
    environments.go.set()
    invoker, _ = made(environments)
    assert await invoker.run(TARGET, CALL) is OUTCOME
    assert environments.calls == [(SPEC, CALL)]


@pytest.mark.parametrize(
    ("qualifier", "version"), [(None, None), ("$LATEST", None), ("blue", "$LATEST")], ids=["none", "version", "alias"]
)
async def test_a_call_is_counted_under_the_name_it_was_addressed_by(qualifier: str | None, version: str | None) -> None:
    environments, metrics = FakeEnvironments(), Counted()
    environments.go.set()
    invoker, _ = made(environments, metrics=metrics)
    await invoker.run(TARGET, CALL, qualifier)
    assert metrics.asked == [("111111111111", "eu-west-1", "f", qualifier, version)]
    assert metrics.counted == ["started", "succeeded", "ended"]


@pytest.mark.parametrize(
    ("problem", "counted"),
    [
        (CapacityExceeded("full"), ["started", "throttled", "ended"]),
        (RuntimeUnavailable("none"), ["started", "ended"]),
    ],
)
async def test_a_call_that_found_no_environment_is_no_invocation(problem: Exception, counted: list[str]) -> None:
    environments, metrics = FakeEnvironments(problem=problem), Counted()
    environments.go.set()
    invoker, _ = made(environments, metrics=metrics)
    with pytest.raises(AwsError):
        await invoker.run(TARGET, CALL)
    assert metrics.counted == counted


async def test_a_throttled_call_is_counted_as_such_alone() -> None:
    metrics = Counted()
    invoker, _ = made(FakeEnvironments(), limit=0, metrics=metrics)
    with pytest.raises(AwsError):
        await invoker.run(TARGET, CALL)
    assert metrics.counted == ["throttled"]
