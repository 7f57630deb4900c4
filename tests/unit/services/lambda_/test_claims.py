from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lambent.services.lambda_.alias import Alias
from lambent.services.lambda_.claims import Provisioned, by_version, shares
from unit.services.lambda_.world import KEY

COUNTS = st.integers(1, 1000)
WEIGHTS = st.dictionaries(st.sampled_from("234"), st.floats(0, 1), max_size=1)


def provisioned(qualifier: str, requested: int = 2, failure: str | None = None) -> Provisioned:
    return Provisioned(KEY, qualifier, requested, failure, 0)


def alias(name: str, version: str, **weights: float) -> dict[str, Alias]:
    return {name: Alias(KEY, name, version, "", "r", {other[1:]: weight for other, weight in weights.items()})}


def test_what_failed_and_what_has_lost_its_alias_claims_nothing() -> None:
    assert by_version([provisioned("1", failure="no"), provisioned("gone")], {}) == {}


def test_an_aliass_environments_are_those_of_the_version_it_names_now() -> None:
    configs = [provisioned("live", 3), provisioned("7", 2)]
    assert by_version(configs, alias("live", "1")) == {"live": {"1": 3}, "7": {"7": 2}}
    assert by_version(configs, alias("live", "2")) == {"live": {"2": 3}, "7": {"7": 2}}
    assert by_version(configs, alias("live", "2", v1=0.5)) == {"live": {"1": 1, "2": 2}, "7": {"7": 2}}


@given(requested=COUNTS, weights=WEIGHTS)
def test_shares_are_whole_and_together_all_there_is(requested: int, weights: dict[str, float]) -> None:
    found = shares(requested, weights, "1")
    assert sum(found.values()) == requested
    assert all(count > 0 for count in found.values())
    assert found.keys() <= {"1", *weights}
    for version, weight in weights.items():
        assert requested * weight - 1 < found.get(version, 0) <= requested * weight


@given(requested=COUNTS)
def test_the_ends_of_the_scale_go_to_one_version(requested: int) -> None:
    assert shares(requested, {"2": 0.0}, "1") == {"1": requested}
    assert shares(requested, {"2": 1.0}, "1") == {"2": requested}
