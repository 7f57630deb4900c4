from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.errors import AwsError
from lambent.invoke.concurrency import Concurrency

WORLDS = st.tuples(st.sampled_from(["111111111111", "222222222222"]), st.sampled_from(["us-east-1", "eu-west-1"]))


def test_what_is_over_the_limit_is_refused_as_lambda_refuses_it() -> None:
    concurrency = Concurrency(1)
    concurrency.enter("111111111111", "us-east-1")
    with pytest.raises(AwsError) as refusal:
        concurrency.enter("111111111111", "us-east-1")
    assert (refusal.value.code, refusal.value.message) == ("TooManyRequestsException", "Rate Exceeded.")
    assert refusal.value.fields == {"Reason": "ConcurrentInvocationLimitExceeded", "Type": "User"}


@given(limit=st.integers(1, 5), steps=st.lists(st.tuples(st.booleans(), WORLDS), max_size=60))
def test_each_account_and_region_has_as_many_places_as_the_limit(
    limit: int, steps: list[tuple[bool, tuple[str, str]]]
) -> None:
    concurrency = Concurrency(limit)
    inside: Counter[tuple[str, str]] = Counter()
    for enters, world in steps:
        if not enters:
            if inside[world]:
                concurrency.leave(*world)
                inside[world] -= 1
        elif inside[world] < limit:
            concurrency.enter(*world)
            inside[world] += 1
        else:
            with pytest.raises(AwsError):
                concurrency.enter(*world)
        assert concurrency.running(*world) == inside[world]
        assert concurrency.total == inside.total()


def test_who_asks_how_many_run_leaves_no_trace() -> None:
    concurrency = Concurrency(1)
    assert concurrency.running("111111111111", "us-east-1") == 0
    concurrency.enter("111111111111", "us-east-1")
    concurrency.leave("111111111111", "us-east-1")
    assert concurrency.total == 0
