"""Which services, protocols and operations are held to the wire, and how failures are told.

A test covers one service in one protocol and goes on after a failure, so that a report shows all operations that fail.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from conformance.wire.values import Fill
from lambent.wire.model import load_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import OperationModel

    from lambent.wire.model import ServiceModel

SERVICES = "lambda sqs sns kinesis dynamodb dynamodbstreams s3 events apigateway apigatewayv2 logs iam sts".split()
SPOKEN = [(name, protocol) for name in SERVICES for protocol in load_service(name).protocols]
"""Every service in every protocol that it speaks."""
REPRESENTATIVE = {
    "rest-json": ("lambda", "CreateFunction"),
    "rest-xml": ("s3", "PutBucketLifecycleConfiguration"),
    "query": ("iam", "CreateRole"),
    "json-1.0": ("dynamodb", "BatchWriteItem"),
    "json-1.1": ("kinesis", "PutRecords"),
    "cbor-1.1": ("kinesis", "GetShardIterator"),
    "rpc-v2-cbor": ("sqs", "SendMessage"),
}
"""One operation that shows much of its protocol."""

SHORT = [Fill.LEAST, Fill.MOST, Fill.MOST, *[Fill.SOME] * 7]
LONG = [Fill.SOME] * 100
_MOST_TOLD = 8
_UNREADABLE = frozenset(("GetBucketNotification", "PutBucketNotification"))
"""Deprecated, and their model gives one name to two members, so that nobody can tell them apart."""

spoken = pytest.mark.parametrize(("name", "protocol"), SPOKEN, ids=[f"{name}-{protocol}" for name, protocol in SPOKEN])
thoroughness = pytest.mark.parametrize(
    "fills", [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.soak)]
)

steady = settings(deadline=None, derandomize=True)
"""For properties: the same examples in every run, however busy the machine is."""


def operations(service: ServiceModel) -> Iterator[OperationModel]:
    """Every operation of a service that can be read."""
    for name in service.botocore.operation_names:
        if name not in _UNREADABLE:
            yield service.botocore.operation_model(name)


class Failures:
    """What went wrong, told at the end of a test."""

    def __init__(self) -> None:
        self._told: dict[str, list[str]] = {}

    def add(self, case: str, what: str, *shown: Any) -> None:
        """case: the operation's name first, then which value of it."""
        lines = [f"{case}: {what}", *(f"    {_cut(one)}" for one in shown)]
        self._told.setdefault(case.split(maxsplit=1)[0], []).append("\n".join(lines))

    def add_exception(self, case: str, error: BaseException, *shown: Any) -> None:
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = " <- ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[::-1]
        )
        self.add(case, f"{type(error).__name__}: {_cut(error)}  ({where})", *shown)

    def tell(self) -> None:
        """Fail the test if there was any."""
        if not self._told:
            return
        count = sum(map(len, self._told.values()))
        first = [told[0] for told in self._told.values()][:_MOST_TOLD]
        head = f"{count} failures in {len(self._told)} operations: {' '.join(self._told)}"
        pytest.fail("\n\n".join([head, *first]), pytrace=False)


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value) if not isinstance(value, BaseException) else str(value)
    return text if len(text) <= 700 else f"{text[:700]} …"
