"""PublishVersion and ListVersionsByFunction: code and configuration as they are now, kept under a number for good.

A version is a row of its own that nothing changes any more. Numbers grow, and none is given twice, not even after a
function was deleted and made anew. Source: developer guide, "Manage Lambda function versions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import paging, repository
from lambent.services.lambda_.changeable import changeable
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.qualified import existing_function
from lambent.services.lambda_.refusals import invalid_parameter, not_built
from lambent.services.lambda_.repository import Published
from lambent.services.lambda_.view import configuration, listed

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import FunctionRecord
    from lambent.store import Tx


async def publish_version(service: Lambda, call: Call, params: Params) -> Output:
    """Publish what the function is now; the version that was published last where nothing changed since.

    Raises AwsError InvalidParameterValueException, PreconditionFailedException, ResourceConflictException,
    ResourceNotFoundException.
    """
    if params.get("PublishTo"):
        raise not_built("publishing for managed instances (PublishTo)")
    named, generation = parse(call, params["FunctionName"]), service.new_generation()
    version = await service.store.write(lambda tx: _publish(tx, named, params, generation))
    return configuration(version, qualifier=version.key.version)


async def list_versions_by_function(service: Lambda, call: Call, params: Params) -> Output:
    """A function's versions, `$LATEST` first, then by their numbers, at most 50 a page."""
    named, (after,) = parse(call, params["FunctionName"]), paging.after(params)
    records = await service.store.read(lambda tx: _page(tx, named, after, paging.size(params) + 1))
    found, more = paging.cut(records, params, lambda record: [record.key.version])
    return {"Versions": [listed(record, qualifier=record.key.version) for record in found], **more}


def publish(tx: Tx, latest: FunctionRecord, *, description: str | None, generation: int) -> FunctionRecord:
    """The version that this is: a new one in the state of `latest`, or the last one where nothing changed since.

    generation: for the environments of a new one, above all that were given before.
    """
    last, content = repository.last_published(tx, latest.key), latest.content()
    if last.content == content:
        same = repository.load(tx, latest.key._replace(version=str(last.number)))
        if same is not None:
            return same
    number = last.number + 1
    version = latest.published(str(number), description=description, revision_id=new_revision(), generation=generation)
    repository.insert(tx, version)
    repository.put_published(tx, latest.key, Published(number, content))
    repository.set_revision(tx, latest.key, new_revision())
    return version


def _publish(tx: Tx, named: FunctionName, params: Params, generation: int) -> FunctionRecord:
    latest = changeable(tx, named, params.get("RevisionId"))
    expected = params.get("CodeSha256")
    if expected and expected != latest.code.sha256:
        raise invalid_parameter(
            f"CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({latest.code.sha256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    return publish(tx, latest, description=params.get("Description"), generation=generation)


def _page(tx: Tx, named: FunctionName, after: str, count: int) -> list[FunctionRecord]:
    existing_function(tx, named)
    return repository.page_of_versions(tx, named.key, after=after, count=count)
