r"""Regular expressions in filter patterns: the part of them that AWS allows.

No parentheses, no characters beyond ASCII, few escapes (`\d`, `\s`, `\w`, their opposites, `\xhh`, and of operators).
Source: CloudWatch Logs user guide, "Supported regular expressions (regex) syntax".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import regex

from lambent.services.logs.patterns.problems import InvalidPatternError, InvalidTermError

if TYPE_CHECKING:
    from collections.abc import Callable

    Searches = Callable[[str], bool]

_ALLOWED = regex.compile(r"(?:[A-Za-z0-9:_#=@/;, \-^$?\[\]{}|*+.]|\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9]))+")
_DEADLINE_S = 0.1


def expression(text: str) -> Searches:
    """Whether a text has what the expression means, anywhere.

    Raises InvalidPatternError for an expression that AWS does not allow. The function that is returned raises it for a
    text on which the expression takes so long that nobody would wait for all events.
    """
    if not text.isascii() or _ALLOWED.fullmatch(text) is None:
        raise InvalidTermError(f"%{text}%")
    try:
        compiled: Any = regex.compile(text, regex.VERSION0 | regex.ASCII)
    except regex.error:
        raise InvalidPatternError from None

    def searches(found: str) -> bool:
        try:
            return compiled.search(found, timeout=_DEADLINE_S) is not None
        except TimeoutError:
            raise InvalidPatternError("The regular expression of the filter pattern takes too long") from None

    return searches
