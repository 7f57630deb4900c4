"""Patterns of rules and archives, and TestEventPattern."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lambent.patterns import EVENTS, InvalidPattern, compile_pattern
from lambent.services.events.document import read_json, read_object
from lambent.services.events.refusals import invalid, invalid_pattern

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.patterns import Pattern
    from lambent.services.events.context import Events

_MOST_BYTES = 4096


@lru_cache(4096)
def compiled(text: str) -> Pattern:
    """A pattern as it is kept. Raises AwsError InvalidEventPatternException."""
    found = read_json(text)
    if found is None:
        raise invalid_pattern("Event pattern is not valid JSON")
    try:
        return compile_pattern(found.value, EVENTS)
    except InvalidPattern as problem:
        raise invalid_pattern(problem.text) from None


def check(text: str) -> None:
    """Raises AwsError InvalidEventPatternException, or ValidationException where it is too long."""
    if len(text) > _MOST_BYTES:
        raise invalid(
            f"1 validation error detected: Value '{text}' at 'eventPattern' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MOST_BYTES}"
        )
    compiled(text)


async def match_event(_: Events, __: Call, params: Params) -> Output:
    """Whether an event matches a pattern (TestEventPattern)."""
    event = read_object(params["Event"])
    if event is None:
        raise invalid("Parameter Event is not valid.")
    check(params["EventPattern"])
    return {"Result": compiled(params["EventPattern"]).matches(event)}
