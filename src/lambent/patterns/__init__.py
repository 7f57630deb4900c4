"""Patterns that events are matched with: EventBridge's language and the dialects of it that other services speak.

A pattern is compiled once to closures and then only asked. Pure: may import nothing of Lambent but errors.
"""

from __future__ import annotations

from lambent.patterns.dialect import EVENTS, SNS_ATTRIBUTES, SNS_BODY, Dialect
from lambent.patterns.pattern import Pattern, compile_pattern
from lambent.patterns.problems import InvalidPattern

__all__ = ["EVENTS", "SNS_ATTRIBUTES", "SNS_BODY", "Dialect", "InvalidPattern", "Pattern", "compile_pattern"]
