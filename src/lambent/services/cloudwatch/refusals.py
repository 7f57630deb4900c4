"""CloudWatch's refusals, in AWS's words and under the codes that clients see."""

from __future__ import annotations

from lambent.errors import AwsError


def missing(text: str) -> AwsError:
    """400 for a parameter that is needed."""
    return AwsError("MissingParameter", text, status=400)


def invalid(text: str) -> AwsError:
    """400 for a value."""
    return AwsError("InvalidParameterValue", text, status=400)


def combination(text: str) -> AwsError:
    """400 for values that do not go together."""
    return AwsError("InvalidParameterCombination", text, status=400)


def not_valid(text: str) -> AwsError:
    """400 as GetMetricData words it, whatever was wrong."""
    return AwsError("ValidationError", text, status=400)


def invalid_token() -> AwsError:
    """400 for a NextToken that was never given."""
    return AwsError("InvalidNextToken", "The NextToken is not valid.", status=400)


def not_built(what: str) -> AwsError:
    """501: what Lambent does not do is refused by name rather than ignored."""
    return AwsError("NotImplementedException", f"Lambent does not implement {what}", status=501)
