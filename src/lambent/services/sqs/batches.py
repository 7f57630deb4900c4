"""Batches: up to ten entries, each with an id of its own, and an answer for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambent.errors import AwsError
from lambent.services.sqs.refusals import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lambent.call import Output, Params

    Entry = Mapping[str, Any]

_MOST = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_CODES = {
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingRequiredParameterException": "MissingParameter",
}
"""What entries' failures are called: as in the query protocol, in both."""


def entries_of(params: Params, kind: str) -> Sequence[Entry]:
    """A batch's entries. kind: what an entry is called, for an empty batch. Raises AwsError for the whole batch."""
    entries: Sequence[Entry] = params.get("Entries") or []
    if not entries:
        raise AwsError("EmptyBatchRequest", f"There should be at least one {kind} in the request.")
    if len(entries) > _MOST:
        text = f"Maximum number of entries per request are {_MOST}. You have sent {len(entries)}."
        raise AwsError("TooManyEntriesInBatchRequest", text)
    seen: set[str] = set()
    for entry in entries:
        one = entry.get("Id")
        if not one:
            raise missing("Id")
        if not _ID.fullmatch(one):
            raise AwsError(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                "It can be at most 80 letters long.",
            )
        if one in seen:
            raise AwsError("BatchEntryIdsNotDistinct", f"Id {one} repeated.")
        seen.add(one)
    return entries


def failed(entry: Entry, refusal: AwsError) -> dict[str, Any]:
    """The answer for an entry that was refused."""
    code = _CODES.get(refusal.code, refusal.code)
    return {"Id": entry["Id"], "SenderFault": True, "Code": code, "Message": refusal.message}


def each(entries: Sequence[Entry], work: Callable[[Entry], None]) -> Output:
    """Do something with each entry; what one is refused for does not touch the others."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for entry in entries:
        try:
            work(entry)
        except AwsError as refusal:
            bad.append(failed(entry, refusal))
        else:
            good.append({"Id": entry["Id"]})
    return results(good, bad)


def results(good: list[dict[str, Any]], bad: list[dict[str, Any]]) -> Output:
    """An answer without the lists that are empty, as AWS leaves them out."""
    return {**({"Successful": good} if good else {}), **({"Failed": bad} if bad else {})}
