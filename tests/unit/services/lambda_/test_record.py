from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.services.lambda_ import repository
from lambent.services.lambda_.record import (
    Code,
    Configuration,
    FunctionKey,
    FunctionRecord,
    State,
    UpdateStatus,
    from_row,
    to_row,
)
from lambent.store.connection import SqliteTx, connect_writer
from unit.services.lambda_.world import KEY, RECORD

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
NUMBERS = st.integers(0, 2**63 - 1)
RECORDS = st.builds(
    FunctionRecord,
    key=st.builds(FunctionKey, TEXT, TEXT, TEXT, TEXT),
    configuration=st.builds(
        Configuration,
        runtime=TEXT,
        handler=TEXT,
        role=TEXT,
        description=TEXT,
        timeout_s=st.integers(1, 900),
        memory_mb=st.integers(128, 10_240),
        tmp_mb=st.integers(512, 10_240),
        variables=st.none() | st.dictionaries(TEXT, TEXT, max_size=4),
        architecture=st.sampled_from(["x86_64", "arm64"]),
        tracing_mode=st.sampled_from(["PassThrough", "Active"]),
        log_group=TEXT,
        has_vpc_config=st.booleans(),
        runtime_note=MAYBE,
    ),
    code=st.builds(Code, TEXT, TEXT, NUMBERS),
    revision_id=TEXT,
    generation=NUMBERS,
    last_modified_ms=st.integers(0, 253_402_300_799_999),
    state=st.sampled_from(State),
    state_reason=MAYBE,
    state_reason_code=MAYBE,
    last_update_status=st.none() | st.sampled_from(UpdateStatus),
    last_update_status_reason=MAYBE,
    last_update_status_reason_code=MAYBE,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    one = connect_writer(None)
    yield one
    one.close()


@given(RECORDS)
def test_a_record_comes_back_from_its_row(record: FunctionRecord) -> None:
    assert from_row(to_row(record)) == record


@given(record=RECORDS)
def test_a_record_comes_back_from_the_database(connection: sqlite3.Connection, record: FunctionRecord) -> None:
    connection.execute("BEGIN")
    try:
        tx = SqliteTx(connection)
        repository.insert(tx, record)
        assert repository.load(tx, record.key) == record
    finally:
        connection.execute("ROLLBACK")


@given(before=RECORDS, after=RECORDS)
def test_a_change_is_kept_whole(connection: sqlite3.Connection, before: FunctionRecord, after: FunctionRecord) -> None:
    after = replace(after, key=before.key)
    connection.execute("BEGIN")
    try:
        tx = SqliteTx(connection)
        repository.insert(tx, before)
        assert not repository.save(tx, after, read=replace(before, generation=before.generation ^ 1))
        assert repository.load(tx, before.key) == before
        assert repository.save(tx, after, read=before)
        assert repository.load(tx, before.key) == after
    finally:
        connection.execute("ROLLBACK")


def test_a_new_function_becomes_active() -> None:
    assert RECORD.state is State.PENDING
    ready = RECORD.settled(revision_id="second")
    assert (ready.state, ready.state_reason, ready.state_reason_code) == (State.ACTIVE, None, None)
    assert ready.last_update_status is UpdateStatus.SUCCESSFUL
    assert (ready.revision_id, ready.generation) == ("second", RECORD.generation)


def test_a_new_function_that_cannot_be_made_ready_is_failed_and_says_why() -> None:
    failed = RECORD.failed("no room", revision_id="second")
    assert (failed.state, failed.state_reason, failed.state_reason_code) == (State.FAILED, "no room", "InternalError")
    assert (failed.last_update_status, failed.last_update_status_reason) == (UpdateStatus.FAILED, "no room")


def test_an_update_leaves_the_function_active_whatever_comes_of_it() -> None:
    active = RECORD.settled(revision_id="second")
    updating = active.changed(revision_id="third", generation=2, now_ms=5, code=Code("1" * 64, "bmV3", 8))
    assert updating.updating
    assert (updating.state, updating.generation, updating.last_modified_ms) == (State.ACTIVE, 2, 5)
    assert updating.code.sha256 == "bmV3"

    done, broken = updating.settled(revision_id="fourth"), updating.failed("torn", revision_id="fourth")
    assert (done.state, done.last_update_status) == (State.ACTIVE, UpdateStatus.SUCCESSFUL)
    assert (broken.state, broken.last_update_status) == (State.ACTIVE, UpdateStatus.FAILED)
    assert (broken.state_reason, broken.last_update_status_reason) == (None, "torn")


def test_the_runtime_is_told_everything_that_decides_how_it_runs() -> None:
    spec = replace(RECORD, configuration=replace(RECORD.configuration, variables={"A": "1"}, timeout_s=9)).spec()
    assert (spec.account, spec.region, spec.name, spec.version, spec.generation) == (*KEY, 1)
    assert (spec.runtime, spec.handler, spec.timeout_s, spec.variables) == ("python3.12", "m.h", 9, {"A": "1"})
    assert (spec.code_key, spec.log_group) == ("0" * 64, "/aws/lambda/f")
    assert spec.arn == "arn:aws:lambda:eu-west-1:111111111111:function:f"
    assert RECORD.spec().variables == {}
