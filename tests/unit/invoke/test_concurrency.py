from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.invoke.concurrency import NO_CLAIMS, Claims, Concurrency

A, R = "111111111111", "us-east-1"
F = (A, R, "f")
LATEST = (*F, "$LATEST")
RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
UNRESERVED = "ConcurrentInvocationLimitExceeded"
WORLDS = st.tuples(st.sampled_from(["111111111111", "222222222222"]), st.sampled_from(["us-east-1", "eu-west-1"]))


def reason(concurrency: Concurrency, *place: str) -> str | None:
    """Why a call is refused; None when it is let in."""
    try:
        concurrency.enter(*place)
    except AwsError as refusal:
        return str(refusal.fields["Reason"])
    return None


def test_what_is_over_the_limit_is_refused_as_lambda_refuses_it() -> None:
    concurrency = Concurrency(1)
    concurrency.enter(*LATEST)
    with pytest.raises(AwsError) as refusal:
        concurrency.enter(A, R, "g", "1")
    assert (refusal.value.code, refusal.value.message) == ("TooManyRequestsException", "Rate Exceeded.")
    assert refusal.value.fields == {"Reason": UNRESERVED, "Type": "User"}


def test_nothing_of_a_function_runs_that_reserves_nothing_at_all() -> None:
    concurrency = Concurrency(10)
    concurrency.claim(*F, Claims(reserved=0))
    assert reason(concurrency, *LATEST) == RESERVED
    assert reason(concurrency, *F, "1") == RESERVED
    assert concurrency.unreserved_limit(A, R) == 10


def test_all_versions_of_a_function_share_what_it_reserves_and_not_one_more() -> None:
    concurrency = Concurrency(10)
    concurrency.claim(*F, Claims(reserved=2))
    assert [reason(concurrency, *F, version) for version in ("1", "2", "3")] == [None, None, RESERVED]
    concurrency.leave(*F, "1")
    assert [reason(concurrency, *F, version) for version in ("3", "3")] == [None, RESERVED]


def test_what_is_reserved_is_no_others() -> None:
    concurrency = Concurrency(3)
    concurrency.claim(*F, Claims(reserved=2))
    assert [reason(concurrency, A, R, name, "$LATEST") for name in "ghg"] == [None, UNRESERVED, UNRESERVED]
    assert reason(concurrency, *LATEST) is None
    assert concurrency.running(A, R) == 2


def test_where_all_that_is_reserved_is_provisioned_only_that_version_runs() -> None:
    concurrency = Concurrency(200)
    concurrency.claim(*F, Claims(reserved=2, provisioned={"1": 2}))
    assert reason(concurrency, *LATEST) == RESERVED
    assert [reason(concurrency, *F, "1") for _ in range(3)] == [None, None, RESERVED]


def test_what_goes_beyond_the_provisioned_is_on_demand() -> None:
    concurrency = Concurrency(3)
    concurrency.claim(*F, Claims(provisioned={"1": 2}))
    assert concurrency.unreserved_limit(A, R) == 1
    assert [reason(concurrency, *F, "1") for _ in range(4)] == [None, None, None, UNRESERVED]
    concurrency.leave(*F, "1")
    assert reason(concurrency, A, R, "g", "$LATEST") is None
    assert reason(concurrency, *LATEST) == UNRESERVED


def test_calls_that_run_count_by_what_is_claimed_now() -> None:
    concurrency = Concurrency(4)
    for _ in range(3):
        concurrency.enter(*LATEST)
    concurrency.claim(*F, Claims(reserved=1))
    assert reason(concurrency, *LATEST) == RESERVED
    assert [reason(concurrency, A, R, "g", "1") for _ in range(4)] == [None, None, None, UNRESERVED]
    concurrency.claim(*F, NO_CLAIMS)
    assert reason(concurrency, A, R, "g", "1") == UNRESERVED
    for _ in range(3):
        concurrency.leave(*LATEST)
    assert reason(concurrency, A, R, "g", "1") is None


@given(limit=st.integers(1, 5), steps=st.lists(st.tuples(st.booleans(), WORLDS), max_size=60))
def test_each_account_and_region_has_as_many_places_as_the_limit(
    limit: int, steps: list[tuple[bool, tuple[str, str]]]
) -> None:
    concurrency = Concurrency(limit)
    inside: Counter[tuple[str, str]] = Counter()
    for enters, world in steps:
        if not enters:
            if inside[world]:
                concurrency.leave(*world, "f", "1")
                inside[world] -= 1
        elif inside[world] < limit:
            concurrency.enter(*world, "f", "1")
            inside[world] += 1
        else:
            assert reason(concurrency, *world, "g", "1") == UNRESERVED
        assert concurrency.running(*world) == inside[world]
        assert concurrency.total == inside.total()


class Step(NamedTuple):
    """What happens: a call comes or goes, or a function's claims change."""

    what: str
    name: str
    version: str
    claims: Claims


CLAIMS = st.builds(
    Claims,
    reserved=st.one_of(st.none(), st.integers(0, 4)),
    provisioned=st.dictionaries(st.sampled_from("12"), st.integers(1, 2), max_size=2),
)
STEPS = st.builds(
    Step, what=st.sampled_from(["enter", "leave", "claim"]), name=st.sampled_from("fg"),
    version=st.sampled_from("12"), claims=CLAIMS,
)  # fmt: skip


@given(limit=st.integers(0, 8), steps=st.lists(STEPS, max_size=60))
def test_every_call_is_judged_by_what_runs_and_what_is_claimed_then(limit: int, steps: list[Step]) -> None:
    concurrency = Concurrency(limit)
    running: Counter[tuple[str, str]] = Counter()
    claims = {"f": NO_CLAIMS, "g": NO_CLAIMS}

    def on_demand(name: str) -> int:
        provisioned = claims[name].provisioned
        return sum(max(0, count - provisioned.get(of[1], 0)) for of, count in running.items() if of[0] == name)

    def expected(step: Step) -> str | None:
        own = claims[step.name]
        if running[step.name, step.version] < own.provisioned.get(step.version, 0):
            return None
        if own.reserved is not None:
            places = own.reserved - own.all_provisioned
            return None if on_demand(step.name) < places else RESERVED
        pool = limit - sum(each.total for each in claims.values())
        used = sum(on_demand(name) for name, each in claims.items() if each.reserved is None)
        return None if used < pool else UNRESERVED

    for step in steps:
        if step.what == "claim":
            concurrency.claim(A, R, step.name, step.claims)
            claims[step.name] = step.claims
        elif step.what == "enter":
            wanted = expected(step)
            assert reason(concurrency, A, R, step.name, step.version) == wanted
            running[step.name, step.version] += wanted is None
        elif running[step.name, step.version]:
            concurrency.leave(A, R, step.name, step.version)
            running[step.name, step.version] -= 1
        assert concurrency.total == running.total()


def test_who_asks_how_many_run_leaves_no_trace() -> None:
    concurrency = Concurrency(1)
    assert concurrency.running(A, R) == 0
    concurrency.enter(*LATEST)
    concurrency.leave(*LATEST)
    concurrency.claim(*F, NO_CLAIMS)
    assert concurrency.total == 0
    assert concurrency._worlds == {}
