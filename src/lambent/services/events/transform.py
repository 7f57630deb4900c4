"""What a target is given of an event: all of it, a part, a constant, or a text made by a template. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from lambent.services.events.document import compact, read_json
from lambent.services.events.json_path import MISSING, at_path

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"<([^<>\s\"]+)>")
PREDEFINED = frozenset(
    f"aws.events.{name}" for name in ("rule-arn", "rule-name", "event", "event.json", "event.ingestion-time")
)


class Origin(NamedTuple):
    """What templates may name beside the event."""

    rule_arn: str
    rule_name: str
    ingestion_time: str


def placeholders(template: str) -> list[str]:
    """The names in a template."""
    return _PLACEHOLDER.findall(template)


def input_of(target: Mapping[str, Any], event: dict[str, Any], origin: Origin) -> str | None:
    """The text that the target gets; None where the path or the template gives nothing that could be handed over."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at_path(event, target["InputPath"])
        return None if found is MISSING else compact(found)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, origin)
    return compact(event)


def _transformed(transformer: Mapping[str, Any], event: dict[str, Any], origin: Origin) -> str | None:
    paths: Mapping[str, str] = transformer.get("InputPathsMap") or {}

    def value_of(name: str) -> Any:
        if name in paths:
            return at_path(event, paths[name])
        return _predefined(name, event, origin)

    text = _filled(transformer["InputTemplate"], value_of)
    return text if _is_json(text) else None


def _predefined(name: str, event: dict[str, Any], origin: Origin) -> Any:
    if name == "aws.events.event.json":
        return event
    if name == "aws.events.event":
        short = {key: value for key, value in event.items() if key != "detail"}
        return {"detailType" if key == "detail-type" else key: value for key, value in short.items()}
    found = {
        "aws.events.rule-arn": origin.rule_arn,
        "aws.events.rule-name": origin.rule_name,
        "aws.events.event.ingestion-time": origin.ingestion_time,
    }
    return found.get(name, MISSING)


def _filled(template: str, value_of: Any) -> str:
    """The template with values in it. In a quoted text a value stands without quotes of its own."""
    is_text = template.lstrip().startswith('"')
    out: list[str] = []
    at, quoted = 0, False
    for found in _PLACEHOLDER.finditer(template):
        before = template[at : found.start()]
        quoted ^= _quotes(before) % 2 == 1
        out.append(before)
        out.append(_in_text(value_of(found[1]), is_text=is_text) if quoted else _alone(value_of(found[1])))
        at = found.end()
    out.append(template[at:])
    return "".join(out)


def _quotes(text: str) -> int:
    """How many quotation marks open or close a text."""
    return len(re.findall(r'"', re.sub(r"\\.", "", text)))


def _alone(value: Any) -> str:
    return '""' if value is MISSING else compact(value)


def _in_text(value: Any, *, is_text: bool) -> str:
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return compact(value)[1:-1]
    written = compact(value)
    return written.replace('"', "") if is_text else written


def _is_json(text: str) -> bool:
    """Whether it is JSON, as a whole or line by line."""
    if read_json(text) is not None:
        return True
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and all(read_json(line) is not None for line in lines)
