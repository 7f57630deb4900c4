"""TestMetricFilter; metric filters themselves are not kept, so that there are none to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.logs.patterns import InvalidPatternError, compile_pattern
from lambent.services.logs.refusals import invalid

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs


async def match_messages(_service: Logs, _call: Call, params: Params) -> Output:
    """Which of some messages a pattern matches, and what it extracts. Raises AwsError InvalidParameterException."""
    try:
        pattern = compile_pattern(params["filterPattern"])
        matches = [
            {"eventNumber": number, "eventMessage": message, "extractedValues": pattern.extract(message)}
            for number, message in enumerate(params["logEventMessages"], 1)
            if pattern.matches(message)
        ]
    except InvalidPatternError as problem:
        raise invalid(str(problem)) from problem
    return {"matches": matches}
