"""Filter patterns: which events a text such as `ERROR -retry`, `{ $.level = "error" }` or `[ip, ..., status=5*]` means.

A pattern is compiled to functions once. Pure: imports nothing of Lambent, touches nothing but its arguments.
Source: CloudWatch Logs user guide, "Filter pattern syntax".
"""

from lambent.services.logs.patterns.pattern import EVERYTHING, Pattern, compile_pattern
from lambent.services.logs.patterns.problems import InvalidPatternError, InvalidTermError

__all__ = ["EVERYTHING", "InvalidPatternError", "InvalidTermError", "Pattern", "compile_pattern"]
