from __future__ import annotations

import json
from typing import Any

import pytest

from lambent.services.events.json_path import MISSING, at_path, parse_path
from lambent.services.events.transform import Origin, input_of, placeholders

ORIGIN = Origin("arn:aws:events:r:a:rule/b/n", "n", "2026-01-01T00:00:00Z")
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "i",
    "detail-type": "t",
    "source": "s",
    "account": "a",
    "time": "2026-01-01T00:00:00Z",
    "region": "r",
    "resources": [],
    "detail": {
        "command": "update-account",
        "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"},
        "single": ["HIGH"],
        "multi": ["ACTIVE", "INACTIVE"],
        "valid": True,
        "quoted": 'say "x" \\ y',
    },
}
PATHS = {
    "userId": "$.detail.payload.acc_id",
    "payload": "$.detail.payload",
    "listsingle": "$.detail.single",
    "listmulti": "$.detail.multi",
    "systemstring": "$.detail.awsAccountId",
    "valid": "$.detail.valid",
    "quoted": "$.detail.quoted",
}


def transformed(template: str) -> str | None:
    return input_of({"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}}, EVENT, ORIGIN)


@pytest.mark.parametrize(
    "template",
    [
        "<listsingle> single list item",
        "<listmulti> multiple list items",
        '{"singlelistitem": "<listsingle>", "multiplelistitems": "<listmulti>"}',
        '{"singlelistitem": "<listsingle>"}',
        "{broken",
        "",
    ],
)
def test_what_becomes_no_json_is_not_handed_over(template: str) -> None:
    assert transformed(template) is None


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{"id" : <userId>}', '{"id" : "0a787ecb-4015"}'),
        ('{"id" : "<userId>"}', '{"id" : "0a787ecb-4015"}'),
        ('{"bod": <payload>}', '{"bod": {"acc_id":"0a787ecb-4015","sf_id":"baz"}}'),
        ('{"bod": [<userId>, "hardcoded"]}', '{"bod": ["0a787ecb-4015", "hardcoded"]}'),
        ('{"multi": "users/<userId>/second/<userId>"}', '{"multi": "users/0a787ecb-4015/second/0a787ecb-4015"}'),
        ('{"a": <listsingle>}', '{"a": ["HIGH"]}'),
        ('{"a": {"b": "\\"<userId>\\""}}', '{"a": {"b": "\\"0a787ecb-4015\\""}}'),
        ('{"a": "<quoted>"}', '{"a": "say \\"x\\" \\\\ y"}'),
        ('"Command is <valid>!"', '"Command is true!"'),
        ('"<listsingle> single list item"', '"[HIGH] single list item"'),
        ('"Payload of <payload> with <userId>"', '"Payload of {acc_id:0a787ecb-4015,sf_id:baz} with 0a787ecb-4015"'),
        ('"<listmulti> lists"\n"<systemstring> account"', '"[ACTIVE,INACTIVE] lists"\n" account"'),
        (
            '"all <aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>"',
            '"all arn:aws:events:r:a:rule/b/n n 2026-01-01T00:00:00Z"',
        ),
        ("<userId>", '"0a787ecb-4015"'),
    ],
)
def test_templates_are_filled_as_on_aws(template: str, text: str) -> None:
    assert transformed(template) == text


def test_a_template_may_have_the_event_itself() -> None:
    text = transformed('{"short": <aws.events.event>, "whole": <aws.events.event.json>}')
    assert text is not None
    found = json.loads(text)
    assert found["whole"] == EVENT
    assert found["short"]["detailType"] == "t"
    assert "detail" not in found["short"]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"Input": ' {"a": 1}'}, ' {"a": 1}'),
        ({"InputPath": "$.detail.payload"}, '{"acc_id":"0a787ecb-4015","sf_id":"baz"}'),
        ({"InputPath": "$.id"}, '"i"'),
        ({"InputPath": "$.nothing"}, None),
        ({"InputPath": "$"}, json.dumps(EVENT, separators=(",", ":"))),
    ],
)
def test_a_target_gets_a_constant_or_a_part(target: dict[str, str], text: str | None) -> None:
    assert input_of(target, EVENT, ORIGIN) == text


@pytest.mark.parametrize("path", ["", "a", "$a", "$.", "$..a", "$[x]", "$.a[", "$.a b"])
def test_what_is_no_path_is_seen(path: str) -> None:
    assert parse_path(path) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a.b", 1),
        ("$['a']['b']", 1),
        ("$.l[0]", {"x": 1}),
        ("$.l[2]", MISSING),
        ("$.l[*].x", [1, 2]),
        ("$.a[*]", MISSING),
        ("$.a.b.c", MISSING),
        ("$.detail-type", "t"),
    ],
)
def test_paths_lead_into_documents(path: str, value: Any) -> None:
    assert at_path({"a": {"b": 1}, "l": [{"x": 1}, {"x": 2}], "detail-type": "t"}, path) == value


def test_names_in_templates_are_found() -> None:
    assert placeholders('{"a": <x>, "b": "<aws.events.event> 1 < 2"}') == ["x", "aws.events.event"]
