"""Whether a function may be changed now: it is there, nothing is under way for it, and it is as the client saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.qualified import existing_function
from lambent.services.lambda_.record import State
from lambent.services.lambda_.refusals import conflict, revision_mismatch

if TYPE_CHECKING:
    from lambent.errors import AwsError
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Tx


def changeable(tx: Tx, named: FunctionName, revision_id: str | None) -> FunctionRecord:
    """The function's `$LATEST`, which may be changed.

    revision_id: what the client saw last; None where it does not care.
    Raises AwsError ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
    InvalidParameterValueException for a version or an alias.
    """
    record = existing_function(tx, named)
    if record.state is State.PENDING:
        raise conflict(
            "The operation cannot be performed at this time. "
            f"The function is currently in the following state: {record.state}"
        )
    if record.updating:
        raise in_progress(record)
    if revision_id and revision_id != record.revision_id:
        raise revision_mismatch()
    return record


def in_progress(record: FunctionRecord) -> AwsError:
    """409: an update has not come to its end."""
    return conflict(
        f"The operation cannot be performed at this time. An update is in progress for resource: {record.arn}"
    )
