"""The coverage pages say of every operation of every service what is true of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambent.services.cloudwatch import service as cloudwatch
from lambent.services.events import service as events
from lambent.services.events.scheduler import service as scheduler
from lambent.services.iam import service as iam
from lambent.services.lambda_ import service as lambda_
from lambent.services.logs import service as logs
from lambent.services.sns import service as sns
from lambent.services.sqs import service as sqs
from lambent.services.sts import service as sts
from lambent.wire.model import load_service

if TYPE_CHECKING:
    from lambent.call import Service

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"lambda": DOCS / "coverage.md"}
"""Pages elsewhere than at `coverage/<service>.md`."""
ROW = re.compile(r"\| ([A-Z]\w+) \| (done|partly|refused) \| (.*?) ?\|")
nothing: Any = None


@pytest.fixture(
    params=[lambda_, cloudwatch, events, iam, logs, sns, scheduler, sqs, sts],
    ids=["lambda", "cloudwatch", "events", "iam", "logs", "sns", "scheduler", "sqs", "sts"],
)
def service(request: pytest.FixtureRequest) -> Service:
    table: Service = request.param.service(nothing)
    return table


def rows(service: Service) -> dict[str, tuple[str, str]]:
    page = PAGES.get(service.name, DOCS / "coverage" / f"{service.name}.md")
    return {name: (state, text) for name, state, text in ROW.findall(page.read_text("utf-8"))}


def test_every_operation_has_a_row(service: Service) -> None:
    assert rows(service).keys() == set(load_service(service.name).botocore.operation_names)


def test_what_is_built_is_not_called_refused_and_the_other_way_round(service: Service) -> None:
    assert {name for name, (state, _) in rows(service).items() if state != "refused"} == service.operations.keys()


def test_what_is_partly_there_says_what_is_missing(service: Service) -> None:
    assert [name for name, (state, text) in rows(service).items() if state == "partly" and not text] == []
