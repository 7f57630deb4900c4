from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lambent.runtime.spec import FunctionSpec

if TYPE_CHECKING:
    from collections.abc import Callable

SPEC = FunctionSpec(
    account="123456789012",
    region="us-east-1",
    name="f",
    version="$LATEST",
    generation=1,
    runtime="python3.11",
    handler="m.handler",
    timeout_s=3,
    memory_mb=128,
    tmp_mb=512,
    variables={},
    code_key="k",
    log_group="/aws/lambda/f",
    arn="arn:aws:lambda:us-east-1:123456789012:function:f",
    role="arn:aws:iam::123456789012:role/r",
)


@pytest.fixture
def spec() -> Callable[..., FunctionSpec]:
    """Makes specifications that differ from a usual one."""

    def make(**changes: Any) -> FunctionSpec:
        return replace(SPEC, **changes)

    return make
