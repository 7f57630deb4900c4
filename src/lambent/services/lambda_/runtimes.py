"""Lambda's runtimes: which names are accepted, which are gone, which Lambent runs.

Sources: Lambda's developer guide, "Lambda runtimes", and the service's own refusals.
"""

from __future__ import annotations

import hashlib

from lambent.arn import partition_of
from lambent.services.lambda_.refusals import invalid_parameter, not_built

_ACCEPTED = tuple(
    (
        "nodejs20.x python3.14 provided.al2023 python3.12 python3.13 nodejs24.x nodejs22.x java25 python3.10 "
        "python3.11 java21 ruby3.3 ruby3.4 ruby3.2 python3.8 python3.9 java17 nodejs16.x dotnet10 dotnet8 java11 "
        "dotnet6 nodejs18.x provided.al2 java8.al2"
    ).split()
)
_GONE = frozenset(
    (
        "nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x java8 python2.7 "
        "python3.6 python3.7 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet5.0 go1.x ruby2.5 "
        "ruby2.7 provided"
    ).split()
)
PYTHON = tuple(f"python3.{minor}" for minor in range(8, 15))
"""Oldest first, as below."""
NODE = tuple(f"nodejs{major}.x" for major in (16, 18, 20, 22, 24))
RUN = (*PYTHON, *NODE, "provided.al2", "provided.al2023")
"""Those that Lambent runs."""


def check(runtime: str) -> None:
    """Refuse what AWS refuses, and by name what Lambent does not run, with what does instead."""
    if runtime in _GONE:
        raise invalid_parameter(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
    if runtime not in _ACCEPTED:
        raise invalid_parameter(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_ACCEPTED)}] or be a valid ARN"
        )
    if runtime not in RUN:
        raise not_built(
            f"the runtime {runtime}: what would run it is missing here. "
            "A function of provided.al2023 runs anything whose package has a bootstrap "
            "that speaks the Lambda Runtime API"
        )


def version_arn(runtime: str, region: str) -> str:
    """The ARN of the runtime's version: stable, and different for each runtime."""
    digest = hashlib.sha256(runtime.encode()).hexdigest()
    return f"arn:{partition_of(region)}:lambda:{region}::runtime:{digest}"
