"""Which values violate their shapes' constraints, and in which words each violation is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambent.wire.constraints import MOST_TOLD, checker
from lambent.wire.constraints_recorded import NONE_RECORDED, Recorded, Recordings
from unit.wire.small_model import operation_of

NAME = {"type": "string", "min": 2, "max": 4, "pattern": "[a-z]+"}
KEY = {"type": "string", "max": 3}
PART = {
    "type": "structure",
    "members": {"Id": NAME, "Weight": {"type": "double", "min": 0, "max": 1}},
    "required": ["Id"],
}


def told(
    params: dict[str, Any],
    members: dict[str, Any],
    shapes: dict[str, Any] | None = None,
    *,
    required: tuple[str, ...] = (),
    recordings: Recordings = NONE_RECORDED,
) -> list[str]:
    """The violations of an input that has these members."""
    violations = checker(operation_of(members, shapes, required=required), recordings)
    assert violations is not None
    return [violation.told() for violation in violations(params)]


# --- single values -----------------------------------------------------------------------------------------------


def test_what_is_required_and_missing_or_null_is_told() -> None:
    members = {"FunctionName": {"type": "string"}, "Role": {"type": "string"}}
    text = "Value null at 'functionName' failed to satisfy constraint: Member must not be null"
    assert told({}, members, required=("FunctionName",)) == [text]
    assert told({"FunctionName": None}, members, required=("FunctionName",)) == [text]
    assert told({"FunctionName": ""}, members, required=("FunctionName",)) == []


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        ({"type": "string", "max": 2}, "abc", ["Member must have length less than or equal to 2"]),
        ({"type": "string", "min": 1}, "", ["Member must have length greater than or equal to 1"]),
        ({"type": "string", "pattern": "[a-z]+"}, "A", ["Member must satisfy regular expression pattern: [a-z]+"]),
        ({"type": "string", "enum": ["b", "a"]}, "c", ["Member must satisfy enum value set: [b, a]"]),
        ({"type": "integer", "max": 10}, 11, ["Member must have value less than or equal to 10"]),
        ({"type": "long", "min": -1}, -2, ["Member must have value greater than or equal to -1"]),
        ({"type": "double", "max": 1}, 1.5, ["Member must have value less than or equal to 1.0"]),
        ({"type": "float", "min": 0}, -0.5, ["Member must have value greater than or equal to 0.0"]),
        ({"type": "blob", "max": 1}, b"ab", ["Member must have length less than or equal to 1"]),
        ({"type": "list", "max": 1, "member": KEY}, ["a", "b"], ["Member must have length less than or equal to 1"]),
        (
            {"type": "map", "min": 1, "key": KEY, "value": KEY},
            {},
            ["Member must have length greater than or equal to 1"],
        ),
        (
            {"type": "string", "max": 2, "pattern": "[a-z]+", "enum": ["a"]},
            "ABC",
            [
                "Member must have length less than or equal to 2",
                "Member must satisfy regular expression pattern: [a-z]+",
                "Member must satisfy enum value set: [a]",
            ],
        ),
    ],
)
def test_each_constraint_has_its_words(shape: dict[str, Any], value: Any, words: list[str]) -> None:
    found = told({"It": value}, {"It": shape})
    assert [text.partition("constraint: ")[2] for text in found] == words


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ({"type": "string", "min": 2, "max": 2}, "ab"),
        ({"type": "integer", "min": 0, "max": 0}, 0),
        ({"type": "double", "min": 0, "max": 1}, 1),
        ({"type": "blob", "max": 2}, b"ab"),
        ({"type": "string", "enum": ["a"]}, "a"),
        ({"type": "list", "min": 1, "max": 1, "member": KEY}, ["a"]),
    ],
)
def test_a_value_at_its_limits_is_fine(shape: dict[str, Any], value: Any) -> None:
    assert told({"It": value}, {"It": shape}) == []


def test_where_nothing_can_be_wrong_nothing_is_checked() -> None:
    assert checker(operation_of({"Name": {"type": "string"}, "Count": {"type": "integer"}}), NONE_RECORDED) is None


def test_a_number_that_is_none_breaks_every_limit() -> None:
    assert len(told({"It": float("nan")}, {"It": {"type": "double", "min": 0, "max": 1}})) == 2


def test_a_sensitive_value_is_not_shown() -> None:
    assert told({"It": "secret"}, {"It": {"type": "string", "max": 2, "sensitive": True}}) == [
        "Value at 'it' failed to satisfy constraint: Member must have length less than or equal to 2"
    ]


def test_a_streaming_body_and_a_document_are_left_alone() -> None:
    members = {
        "Body": {"shape": "Stream", "streaming": True},
        "Document": {"type": "structure", "members": {}, "document": True},
    }
    operation = operation_of(members, {"Stream": {"type": "blob", "max": 1}})
    assert checker(operation, NONE_RECORDED) is None


def test_an_absurdly_long_value_is_not_compared_with_its_pattern() -> None:
    assert len(told({"It": "A" * 10_000}, {"It": NAME})) == 2
    assert len(told({"It": "A" * 10_001}, {"It": NAME})) == 1


# --- what holds others -------------------------------------------------------------------------------------------


def test_violations_come_in_the_order_of_the_members() -> None:
    members = {"B": NAME, "A": {"type": "structure", "members": {"Z": NAME, "Y": NAME}}, "C": NAME}
    found = told({"C": "1", "A": {"Y": "1", "Z": "1"}, "B": "1"}, members)
    assert [text.split("'")[3] for text in found[::2]] == ["b", "a.z", "a.y", "c"]


def test_elements_that_break_their_constraints_are_told_once_with_all_they_have_to_satisfy() -> None:
    assert told({"Names": ["a", "ok", "TOO LONG"]}, {"Names": {"type": "list", "member": NAME}}) == [
        (
            "Value '[a, ok, TOO LONG]' at 'names' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 4, Member must have length greater than or equal to 2, "
            "Member must satisfy regular expression pattern: [a-z]+]"
        )
    ]


def test_an_element_is_never_null() -> None:
    words = "Member must satisfy constraint: [Member must not be null]"
    found = told({"It": ["a", None]}, {"It": {"type": "list", "member": {"type": "string"}}})
    assert found == [f"Value '[a, null]' at 'it' failed to satisfy constraint: {words}"]
    assert len(told({"It": [None]}, {"It": {"type": "list", "member": PART}})) == 1


def test_keys_and_values_of_a_map_are_told_apart() -> None:
    weights = {"type": "map", "key": KEY, "value": {"type": "double", "max": 1}}
    keys, values = told({"Weights": {"long key": 2.0}}, {"Weights": weights})
    before = "Value '{long key=2.0}' at 'weights' failed to satisfy constraint"
    assert keys == f"{before}: Map keys must satisfy constraint: [Member must have length less than or equal to 3]"
    assert values == f"{before}: Map value must satisfy constraint: [Member must have value less than or equal to 1.0]"


def test_members_of_structures_in_lists_and_maps_are_told_one_by_one() -> None:
    members = {
        "Parts": {"type": "list", "member": PART},
        "ByName": {"type": "map", "key": KEY, "value": {"shape": "Part"}},
    }
    params = {"Parts": [{"Id": "ok"}, {"Id": "x"}], "ByName": {"k": {"Weight": 2}}}
    found = told(params, members, {"Part": PART})
    assert [text.partition(" failed")[0] for text in found] == [
        "Value 'x' at 'parts.2.member.id'",
        "Value null at 'byName.k.member.id'",
        "Value '2.0' at 'byName.k.member.weight'",
    ]


def test_a_shape_inside_of_itself_is_checked_at_every_level() -> None:
    tree = {"type": "structure", "members": {"Name": NAME, "Below": {"shape": "Trees"}}}
    shapes = {"Tree": tree, "Trees": {"type": "list", "member": {"shape": "Tree"}}}
    params = {"Root": {"Name": "ok", "Below": [{"Below": [{"Name": "x"}, {"Name": "ok"}]}]}}
    found = told(params, {"Root": {"shape": "Tree"}}, shapes)
    assert [text.partition(" failed")[0] for text in found] == [
        "Value 'x' at 'root.below.1.member.below.1.member.name'"
    ]


def test_a_shape_inside_of_itself_without_constraints_is_no_effort() -> None:
    tree = {"type": "structure", "members": {"Left": {"shape": "Tree"}, "Right": {"shape": "Tree"}}}
    assert told({"Root": {"Left": {"Right": {}}}}, {"Root": {"shape": "Tree"}}, {"Tree": tree}) == []


def test_a_value_as_deep_as_requests_can_be_is_checked() -> None:
    tree = {"type": "structure", "members": {"Name": NAME, "Below": {"shape": "Trees"}}}
    shapes = {"Tree": tree, "Trees": {"type": "list", "member": {"shape": "Tree"}}}
    value: dict[str, Any] = {"Name": "x"}
    for _ in range(100):
        value = {"Below": [value]}
    assert len(told({"Root": value}, {"Root": {"shape": "Tree"}}, shapes)) == 1


@pytest.mark.parametrize("as_map", [False, True])
def test_nobody_looks_further_once_there_is_enough_to_tell(as_map: bool) -> None:
    class Counted(dict[str, Any]):
        looked_at = 0

        def get(self, name: str, default: Any = None) -> Any:
            Counted.looked_at += 1
            return super().get(name, default)

    many = [Counted(Id="x") for _ in range(1000)]
    if as_map:
        shape = {"type": "map", "key": KEY, "value": PART}
        found = told({"It": {f"{number}": part for number, part in enumerate(many)}}, {"It": shape})
    else:
        found = told({"It": many}, {"It": {"type": "list", "member": PART}})
    assert len(found) == MOST_TOLD
    assert Counted.looked_at == 2 * MOST_TOLD


# --- recordings --------------------------------------------------------------------------------------------------


def test_a_recording_of_a_shape_wins_over_the_model() -> None:
    recordings = Recordings(shapes={"Named": Recorded(maximum=3, pattern="[A-Z]+")})
    found = told({"It": "abcd"}, {"It": {"shape": "Named"}}, {"Named": NAME}, recordings=recordings)
    assert [text.partition("constraint: ")[2] for text in found] == [
        "Member must have length less than or equal to 3",
        "Member must satisfy regular expression pattern: [A-Z]+",
    ]


def test_a_recording_of_a_member_wins_over_that_of_its_shape() -> None:
    recordings = Recordings(shapes={"Named": Recorded(maximum=3)}, members={("Do", "It"): Recorded(unchecked=True)})
    members = {"It": {"shape": "Named"}, "Other": {"shape": "Named"}}
    found = told({"It": "abcd", "Other": "abcd"}, members, {"Named": NAME}, recordings=recordings)
    assert [text.split("'")[3] for text in found] == ["other"]


def test_a_recorded_enum_is_told_in_its_order_and_the_models_values_are_accepted_too() -> None:
    recordings = Recordings(shapes={"Mode": Recorded(enum=("NEW", "OLD"))})
    mode = {"type": "string", "enum": ["OLD", "NEWEST"]}
    assert told({"It": "NEWEST"}, {"It": {"shape": "Mode"}}, {"Mode": mode}, recordings=recordings) == []
    found = told({"It": "NONE"}, {"It": {"shape": "Mode"}}, {"Mode": mode}, recordings=recordings)
    assert found[0].endswith("Member must satisfy enum value set: [NEW, OLD]")


def test_elements_of_a_recorded_list_may_be_refused_in_the_enums_words_alone() -> None:
    recordings = Recordings(members={("Do", "It"): Recorded(enum=("A",), enum_alone=True)})
    modes = {"type": "list", "member": {"type": "string", "enum": ["A", "B"]}}
    found = told({"It": ["B"]}, {"It": modes}, recordings=recordings)
    assert found == ["Value '[B]' at 'it' failed to satisfy constraint: Member must satisfy enum value set: [A]"]


def test_a_service_may_always_say_that_no_element_may_be_null() -> None:
    recordings = Recordings(lists_not_null=True)
    found = told({"It": ["long"]}, {"It": {"type": "list", "member": KEY}}, recordings=recordings)
    assert found[0].endswith("[Member must have length less than or equal to 3, Member must not be null]")


# --- properties --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(value=st.text("ab1", max_size=6), least=st.integers(0, 5), most=st.integers(0, 5))
def test_a_text_is_refused_when_its_length_or_its_letters_are_wrong(value: str, least: int, most: int) -> None:
    found = told({"It": value}, {"It": {"type": "string", "min": least, "max": most, "pattern": "[ab]*"}})
    assert len(found) == (len(value) > most) + (len(value) < least) + ("1" in value)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["Id", "Weight"]), st.none(), max_size=2), max_size=8))
def test_each_part_without_its_id_is_told(parts: list[dict[str, None]]) -> None:
    assert len(told({"It": parts}, {"It": {"type": "list", "member": PART}})) == len(parts)
