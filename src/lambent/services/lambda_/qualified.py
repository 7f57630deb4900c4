"""From what a client named to the version that is meant: the function's `$LATEST`, a version, or an alias's version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.services.lambda_ import alias, repository
from lambent.services.lambda_.record import LATEST
from lambent.services.lambda_.refusals import alias_not_found, function_not_found, not_about_versions

if TYPE_CHECKING:
    from lambent.errors import AwsError
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Tx

_ALIAS = re.compile(r"(?!\d+$)[a-zA-Z0-9_-]+")


def is_alias(qualifier: str) -> bool:
    """Whether it can be an alias's name: neither `$LATEST` nor a number."""
    return _ALIAS.fullmatch(qualifier) is not None


def exists(tx: Tx, named: FunctionName) -> bool:
    """Whether there is such a function, version or alias."""
    return _find(tx, named) is not None


def existing(tx: Tx, named: FunctionName) -> FunctionRecord:
    """The version of the function that was addressed.

    Raises AwsError ResourceNotFoundException, which names the qualifier only if one was sent.
    """
    record = _find(tx, named)
    if record is None:
        raise function_not_found(named.qualified_arn)
    return record


def existing_function(tx: Tx, named: FunctionName) -> FunctionRecord:
    """The `$LATEST` of a function that may be named as a whole only.

    Raises AwsError InvalidParameterValueException for a version or an alias, ResourceNotFoundException.
    """
    if named.qualifier not in {None, LATEST}:
        raise not_about_versions()
    record = repository.load(tx, named.key)
    if record is None:
        raise function_not_found(named.arn)
    return record


def existing_resource(tx: Tx, named: FunctionName) -> FunctionRecord:
    """The version behind the function, version or alias that something is attached to.

    Raises AwsError ResourceNotFoundException, in other words for an alias than for the rest.
    """
    record = _find(tx, named)
    if record is None:
        raise no_such_resource(named)
    return record


def no_such_resource(named: FunctionName) -> AwsError:
    """404 for what was named, in the words for an alias where it can be one."""
    if named.qualifier is not None and is_alias(named.qualifier):
        return alias_not_found(named.qualified_arn)
    return function_not_found(named.qualified_arn)


def _find(tx: Tx, named: FunctionName) -> FunctionRecord | None:
    function, qualifier = named.key, named.qualifier or LATEST
    if is_alias(qualifier):
        found = alias.load(tx, function, qualifier)
        if found is None:
            return None
        qualifier = found.version
    return repository.load(tx, function._replace(version=qualifier))
