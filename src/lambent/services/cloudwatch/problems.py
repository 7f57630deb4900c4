"""What is wrong with a request, gathered and told at once, line by line, as CloudWatch does.

CloudWatch does not speak of constraints but in words of its own, so that its operations look at everything themselves.
May import refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.services.cloudwatch.refusals import combination, invalid, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lambent.errors import AwsError

_NAME = 255
_VALUE = 1024
_DIMENSIONS = 30
UNITS = frozenset(
    (
        "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes "
        "Bits Kilobits Megabits Gigabits Terabits Percent Count "
        "Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second "
        "Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None"
    ).split()
)
_LARGEST = 2.0**360


class Problems:
    """Gathers; `settle` raises."""

    def __init__(self, refuse: Callable[[str], AwsError] | None = None) -> None:
        """refuse: what makes an error of everything; None tells the kinds of problems apart."""
        self._refuse = refuse
        self._missing: list[str] = []
        self._invalid: list[str] = []
        self._combined: list[str] = []

    def settle(self) -> None:
        """Raise AwsError with every problem of the first kind that there is: missing, invalid, not together."""
        for lines, refusal in ((self._missing, missing), (self._invalid, invalid), (self._combined, combination)):
            if lines:
                raise (self._refuse or refusal)("\n".join(lines))

    def missing(self, path: str) -> None:
        """A parameter is needed."""
        self._missing.append(f"The parameter {path} is required.")

    def invalid(self, text: str) -> None:
        """A value will not do."""
        self._invalid.append(text)

    def combined(self, text: str) -> None:
        """Values do not go together."""
        self._combined.append(text)

    def both(self, one: str, other: str) -> None:
        """Two parameters that exclude each other."""
        self.combined(f"The parameters {one} and {other} are mutually exclusive and you have specified both.")

    # --- values

    def text(self, path: str, value: str | None, longest: int = _NAME, *, required: bool = True) -> None:
        """A name or the like."""
        if not value:
            if required:
                self.missing(path)
        elif len(value) > longest:
            self.invalid(f"The parameter {path} must be shorter than {longest + 1} characters.")

    def plain(self, path: str, value: str | None, longest: int) -> None:
        """A dimension's name or value: ASCII that one can see."""
        self.text(path, value, longest)
        if value and (not value.isascii() or not value.strip() or any(letter < " " for letter in value)):
            self.invalid(
                f"The parameter {path} must contain only ASCII characters and at least one non-whitespace character, "
                "and no control characters."
            )

    def size(self, path: str, collection: Sequence[Any], most: int) -> None:
        """A list is not too long."""
        if len(collection) > most:
            self.invalid(f"The collection {path} must not have a size greater than {most}.")

    def number(self, path: str, value: float) -> None:
        """A value that CloudWatch keeps."""
        if not -_LARGEST <= value <= _LARGEST:
            told = "NaN" if value != value else repr(value)  # noqa: PLR0124  it is what NaN alone does
            self.invalid(f"The value {told} for parameter {path} is invalid.")

    def unit(self, path: str, value: str | None) -> None:
        """A StandardUnit or none."""
        if value is not None and value not in UNITS:
            self.invalid(f"The parameter {path} must be a value in the set {told(sorted(UNITS))}.")

    def dimensions(self, path: str, dimensions: Sequence[Mapping[str, Any] | None] | None) -> None:
        """The dimensions of a metric."""
        if not dimensions:
            return
        self.size(path, dimensions, _DIMENSIONS)
        names: set[str] = set()
        for index, one in enumerate(dimensions[:_DIMENSIONS], 1):
            where = f"{path}.member.{index}"
            if one is None:
                self.missing(where)
                continue
            name = one.get("Name")
            self.plain(f"{where}.Name", name, _NAME)
            self.plain(f"{where}.Value", one.get("Value"), _VALUE)
            if name and name.startswith(":"):
                self.invalid(f"The value {name} for parameter {where}.Name is invalid.")
            if name and name in names:
                self.invalid("No Metric may specify the same dimension twice.")
            names.add(name or "")

    def period(self, path: str, period: int | None) -> None:
        """The length of a datapoint in seconds."""
        if period is None:
            self.missing(path)
        elif period <= 0:
            self.invalid(f"The parameter {path} must be greater than 0.")
        elif period not in {1, 5, 10, 20, 30} and period % 60:
            self.invalid(f"The parameter {path} must be 1, 5, 10, 20, 30 or a multiple of 60.")

    def times(self, params: Mapping[str, Any]) -> None:
        """StartTime and EndTime."""
        start, end = params.get("StartTime"), params.get("EndTime")
        if start is None:
            self.missing("StartTime")
        if end is None:
            self.missing("EndTime")
        if start is None or end is None:
            return
        if start == end:
            self.invalid("The parameter StartTime must not equal parameter EndTime.")
        elif start > end:
            self.invalid("The parameter EndTime must be greater than StartTime.")


def told(values: Sequence[str]) -> str:
    """A set of values as CloudWatch lists it."""
    return f"[{', '.join(values)}]"
