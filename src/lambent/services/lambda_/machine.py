"""Fits a function's settings to the machine it is to run on, and says so where they do not fit.

Two things may differ from what was asked for: the version of Python or Node.js, where this machine has another
(refused with strict runtimes), and the processor's architecture, which matters only to packages that bring compiled
code. Neither is passed over in silence: the note stands in the function's configuration and in the server's log.
"""

from __future__ import annotations

import logging
import platform
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from lambent.runtime.interpreters import RuntimeUnavailable
from lambent.services.lambda_.refusals import invalid_parameter

if TYPE_CHECKING:
    from lambent.runtime.interpreters import Choice
    from lambent.services.lambda_.record import Configuration

_log = logging.getLogger(__name__)
_OTHER_NAMES = {"aarch64": "arm64", "amd64": "x86_64"}


class Machine(Protocol):
    """What knows the interpreters: `lambent.runtime.environments.Environments`."""

    async def choose(self, runtime: str) -> Choice:
        """What this runtime runs on here. Raises RuntimeUnavailable."""


async def fitted(machine: Machine, configuration: Configuration, *, name: str) -> Configuration:
    """The configuration with a note of what this machine does otherwise; `name` is for the log.

    Raises AwsError InvalidParameterValueException when nothing here may run the runtime.
    """
    try:
        noted = await _noted(machine, configuration)
    except RuntimeUnavailable as problem:
        raise invalid_parameter(
            f"The runtime {configuration.runtime} cannot be used on this server: {problem}"
        ) from None
    if noted.runtime_note is not None:
        _log.warning("the function %s: %s", name, noted.runtime_note)
    return noted


async def as_it_runs_now(machine: Machine, configuration: Configuration) -> Configuration:
    """The configuration with the note that is true today: interpreters come and go, and data moves between machines."""
    try:
        return await _noted(machine, configuration)
    except RuntimeUnavailable as problem:
        return replace(configuration, runtime_note=str(problem))


async def _noted(machine: Machine, configuration: Configuration) -> Configuration:
    choice = await machine.choose(configuration.runtime)
    notes = (choice.note(configuration.runtime), architecture_note(configuration.architecture, platform.machine()))
    return replace(configuration, runtime_note="; ".join(filter(None, notes)) or None)


def architecture_note(wanted: str, machine: str) -> str | None:
    """What users must know about the processor; None when it is the one they asked for.

    wanted: `x86_64` or `arm64`. machine: as the operating system names it.
    """
    found = _OTHER_NAMES.get(machine.lower(), machine.lower())
    if found == wanted:
        return None
    return f"this machine is {found}, not {wanted}: compiled code in the package must be built for {found}"
