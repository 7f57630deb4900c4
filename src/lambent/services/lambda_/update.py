"""UpdateFunctionCode and UpdateFunctionConfiguration.

Both keep what is to be and answer `InProgress`; calls go on with what was until the update is Successful.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.changeable import changeable, in_progress
from lambent.services.lambda_.code import examine, package
from lambent.services.lambda_.code_signing import check_package, config_of
from lambent.services.lambda_.configure import refuse_not_built, updated
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.layers.references import check_kept, check_size, check_size_of, with_layers
from lambent.services.lambda_.machine import fitted
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.versions import publish
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
    ResourceNotFoundException, PreconditionFailedException, CodeVerificationFailedException.
    """
    named = parse(call, params["FunctionName"])
    refuse_not_built(params)
    before = await service.store.read(lambda tx: changeable(tx, named, params.get("RevisionId")))
    data = package(params)
    code = await examine(data)
    settings = before.configuration
    if params.get("Architectures"):
        settings = replace(settings, architecture=params["Architectures"][0])
    await check_size(settings, data)
    await service.store.read(lambda tx: check_package(tx, named.key, config_of(tx, named.key)))
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
    before = await service.store.read(lambda tx: changeable(tx, named, params.get("RevisionId")))
    settings = updated(before.configuration, params, name=named.name)
    settings = await with_layers(service, call, settings, params)
    if settings.layers != before.configuration.layers:
        await check_size_of(service, settings, before.code)
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
    published = service.new_generation() if params.get("Publish") else None
    version = await service.store.write(lambda tx: _save(tx, named, params, before, after, published))
    service.activation.begin(after.key)
    return configuration(after) if version is None else configuration(version, qualifier=version.key.version)


def _save(
    tx: Tx,
    named: FunctionName,
    params: Params,
    before: FunctionRecord,
    after: FunctionRecord,
    published: int | None,
) -> FunctionRecord | None:
    """The version that was published, None where none was asked for. published: the generation of a new one."""
    changeable(tx, named, params.get("RevisionId"))
    if after.configuration.layers != before.configuration.layers:
        check_kept(tx, after.configuration.layers)
    if not repository.save(tx, after, read=before):
        raise in_progress(before)
    if published is None:
        return None
    # The package was examined, and is unpacked when somebody calls the version, if not before.
    settled = after.settled(revision_id=after.revision_id)
    return publish(tx, settled, description=None, generation=published)
