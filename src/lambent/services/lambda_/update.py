"""UpdateFunctionCode and UpdateFunctionConfiguration.

Both keep what is to be and answer `InProgress`; calls go on with what was until the update is Successful.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.code import examine, package
from lambent.services.lambda_.configure import refuse_not_built, updated
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.machine import fitted
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.read import existing
from lambent.services.lambda_.record import State
from lambent.services.lambda_.refusals import conflict, revision_mismatch
from lambent.services.lambda_.view import configuration

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.names import FunctionName
    from lambent.services.lambda_.record import Code, Configuration, FunctionRecord
    from lambent.store import Tx


async def update_function_code(service: Lambda, call: Call, params: Params) -> Output:
    """Give a function another deployment package; DryRun checks everything and changes nothing.

    Raises AwsError InvalidParameterValueException, RequestEntityTooLargeException, ResourceConflictException,
    ResourceNotFoundException, PreconditionFailedException.
    """
    named = parse(call, params["FunctionName"])
    refuse_not_built(params)
    before = await service.store.read(lambda tx: _changeable(tx, named, params))
    data = package(params)
    code = await examine(data)
    settings = before.configuration
    if params.get("Architectures"):
        settings = replace(settings, architecture=params["Architectures"][0])
    settings = await fitted(service.environments, settings, name=named.name)
    if params.get("DryRun"):
        return configuration(replace(before, code=code, configuration=settings))
    async with service.store.blobs.kept(data):
        return await _change(service, named, params, before, settings, code)


async def update_function_configuration(service: Lambda, call: Call, params: Params) -> Output:
    """Change a function's settings; what is not sent stays.

    Raises AwsError InvalidParameterValueException, ResourceConflictException, ResourceNotFoundException,
    PreconditionFailedException.
    """
    named = parse(call, params["FunctionName"])
    before = await service.store.read(lambda tx: _changeable(tx, named, params))
    settings = updated(before.configuration, params, name=named.name)
    settings = await fitted(service.environments, settings, name=named.name)
    return await _change(service, named, params, before, settings, before.code)


async def _change(
    service: Lambda,
    named: FunctionName,
    params: Params,
    before: FunctionRecord,
    settings: Configuration,
    code: Code,
) -> Output:
    after = before.changed(
        revision_id=new_revision(),
        generation=service.new_generation(),
        now_ms=service.now_ms(),
        configuration=settings,
        code=code,
    )
    await service.store.write(lambda tx: _save(tx, named, params, before, after))
    service.activation.begin(after.key)
    return configuration(after)


def _save(tx: Tx, named: FunctionName, params: Params, before: FunctionRecord, after: FunctionRecord) -> None:
    _changeable(tx, named, params)
    if not repository.save(tx, after, read=before):
        raise _in_progress(before)


def _changeable(tx: Tx, named: FunctionName, params: Params) -> FunctionRecord:
    record = existing(tx, named)
    if record.state is State.PENDING:
        raise conflict(
            "The operation cannot be performed at this time. "
            f"The function is currently in the following state: {record.state}"
        )
    if record.updating:
        raise _in_progress(record)
    if params.get("RevisionId") and params["RevisionId"] != record.revision_id:
        raise revision_mismatch()
    return record


def _in_progress(record: FunctionRecord) -> Exception:
    return conflict(
        f"The operation cannot be performed at this time. An update is in progress for resource: {record.arn}"
    )
