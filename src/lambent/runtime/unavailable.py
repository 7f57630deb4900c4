"""The refusal of a runtime that this machine cannot run. Imports nothing of Lambent."""

from __future__ import annotations


class RuntimeUnavailable(Exception):  # noqa: N818  a state of the machine, not an error of the program
    """What a runtime needs is not on this machine, or does not work; the text is one line that says why."""
