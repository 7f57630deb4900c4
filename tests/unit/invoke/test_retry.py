from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.invoke.retry import Condition, End, Result, Retry, RetryPolicy, back_off_ms, decide, expired

POLICY = RetryPolicy()
RESULTS = st.sampled_from(Result)
POLICIES = st.builds(
    RetryPolicy,
    st.integers(0, 2),
    st.integers(60, 21_600),
    st.lists(st.floats(0, 600), min_size=1, max_size=3).map(tuple),
)
TIMES = st.integers(0, 30_000_000)
COUNTS = st.integers(1, 200)


def step(result: Result, policy: RetryPolicy = POLICY, **more: Any) -> Retry | End:
    given_ = {"now_ms": 1000, "accepted_ms": 0, "attempts": 1, "refusals": 1} | more
    return decide(result, policy, **given_)


@pytest.mark.parametrize(("attempts", "after_s"), [(1, 60), (2, 120)])
def test_a_failure_is_tried_again_after_one_and_after_two_minutes(attempts: int, after_s: int) -> None:
    assert step(Result.FAILED, attempts=attempts) == Retry(1000 + after_s * 1000)


@pytest.mark.parametrize(("most", "attempts"), [(0, 1), (1, 2), (2, 3)])
def test_attempts_end(most: int, attempts: int) -> None:
    assert step(Result.FAILED, RetryPolicy(most), attempts=attempts) == End(Condition.RETRIES_EXHAUSTED)


@pytest.mark.parametrize(
    ("age_s", "attempts", "now_s", "ends"), [(60, 1, 0, True), (90, 1, 0, False), (90, 2, 60, True)]
)
def test_an_age_that_the_next_attempt_could_not_keep_ends_the_event_at_once(
    age_s: int, attempts: int, now_s: int, ends: bool
) -> None:
    found = step(Result.FAILED, RetryPolicy(2, age_s), attempts=attempts, now_ms=now_s * 1000)
    assert (found == End(Condition.EVENT_AGE_EXCEEDED)) is ends


def test_back_off_doubles_from_a_second_to_five_minutes() -> None:
    assert [back_off_ms(times) // 1000 for times in (1, 2, 3, 8, 9, 10, 11, 1000)] == [
        1,
        2,
        4,
        128,
        256,
        300,
        300,
        300,
    ]


def test_a_throttle_uses_up_no_attempt() -> None:
    assert step(Result.REFUSED, RetryPolicy(0), attempts=0, refusals=3) == Retry(5000)


def test_what_is_gone_or_switched_off_ends_at_once() -> None:
    assert step(Result.GONE, attempts=0) == End(Condition.RETRIES_EXHAUSTED)
    assert step(Result.SWITCHED_OFF, attempts=0) == End(Condition.ZERO_RESERVED_CONCURRENCY)
    assert step(Result.EXPIRED) == End(Condition.EVENT_AGE_EXCEEDED)


@given(RESULTS, POLICIES, TIMES, TIMES, COUNTS, COUNTS)
def test_every_combination_ends_or_goes_on_later_within_its_age(
    result: Result, policy: RetryPolicy, accepted: int, age: int, attempts: int, refusals: int
) -> None:
    now = accepted + age
    found = decide(result, policy, now_ms=now, accepted_ms=accepted, attempts=attempts, refusals=refusals)
    if isinstance(found, Retry):
        assert result in {Result.FAILED, Result.REFUSED}
        assert found.at_ms >= now
        assert not expired(policy, now_ms=found.at_ms, accepted_ms=accepted)
        assert result is Result.REFUSED or attempts <= policy.maximum_retry_attempts
    else:
        assert (found.condition is Condition.SUCCESS) == (result is Result.SUCCEEDED)
        if result is Result.REFUSED:
            assert found.condition is Condition.EVENT_AGE_EXCEEDED


@given(POLICIES, TIMES)
def test_every_event_that_only_fails_has_at_most_three_attempts(policy: RetryPolicy, accepted: int) -> None:
    now, attempts = accepted, 0
    while True:
        attempts += 1
        found = decide(Result.FAILED, policy, now_ms=now, accepted_ms=accepted, attempts=attempts, refusals=0)
        if isinstance(found, End):
            break
        now = found.at_ms
    assert attempts <= policy.maximum_retry_attempts + 1


@given(POLICIES, TIMES)
def test_every_event_that_is_only_throttled_ends_by_its_age(policy: RetryPolicy, accepted: int) -> None:
    now, refusals = accepted, 0
    while True:
        refusals += 1
        found = decide(Result.REFUSED, policy, now_ms=now, accepted_ms=accepted, attempts=0, refusals=refusals)
        if isinstance(found, End):
            break
        now = found.at_ms
    assert found == End(Condition.EVENT_AGE_EXCEEDED)
    assert now - accepted < policy.maximum_event_age_s * 1000
