"""CreateFunction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.lambda_ import function_settings, repository
from lambent.services.lambda_.code import examine, package
from lambent.services.lambda_.code_signing import check_package
from lambent.services.lambda_.configure import created
from lambent.services.lambda_.context import new_revision
from lambent.services.lambda_.layers.references import check_kept, check_size, with_layers
from lambent.services.lambda_.machine import fitted
from lambent.services.lambda_.names import parse
from lambent.services.lambda_.record import FunctionKey, FunctionRecord
from lambent.services.lambda_.refusals import conflict, name_too_long
from lambent.services.lambda_.tags import check_count
from lambent.services.lambda_.versions import publish
from lambent.services.lambda_.view import configuration

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.store import Tx

_NAME_LIMIT = 64


async def create_function(service: Lambda, call: Call, params: Params) -> Output:
    """Keep a new function and start making it callable; answered with State Pending.

    Raises AwsError InvalidParameterValueException, RequestEntityTooLargeException, ResourceConflictException,
    CodeSigningConfigNotFoundException, CodeVerificationFailedException.
    """
    key = _new_name(call, params["FunctionName"])
    settings = created({**params, "FunctionName": key.name})
    tags = params.get("Tags") or {}
    check_count(len(tags))
    data = package(params["Code"])
    code = await examine(data)
    settings = await with_layers(service, call, settings, params)
    await check_size(settings, data)
    settings = await fitted(service.environments, settings, name=key.name)
    record = FunctionRecord(
        key=key,
        configuration=settings,
        code=code,
        revision_id=new_revision(),
        generation=service.new_generation(),
        last_modified_ms=service.now_ms(),
        state_reason="The function is being created.",
        state_reason_code="Creating",
    )
    signing, published = params.get("CodeSigningConfigArn"), service.new_generation() if params.get("Publish") else None
    async with service.store.blobs.kept(data):
        made = await service.store.write(lambda tx: _insert(tx, record, tags, signing, published))
    service.directory.forget(key)
    for version in {key, made.key}:
        service.activation.begin(version)
    return configuration(made)


def _new_name(call: Call, text: str) -> FunctionKey:
    try:
        named = parse(call, text)
    except AwsError as refusal:
        if refusal.code == "AccessDeniedException":
            # AWS does not say who may create functions in another account.
            raise AwsError(refusal.code, None, status=403) from None
        raise
    if len(named.name) > _NAME_LIMIT:
        raise name_too_long(text, _NAME_LIMIT)
    return FunctionKey(named.account, named.region, named.name)


def _insert(
    tx: Tx, record: FunctionRecord, tags: dict[str, str], signing: str | None, published: int | None
) -> FunctionRecord:
    """What clients are shown: the version that is published at once, with this generation, else `$LATEST`.

    signing: the ARN of a code signing configuration.
    """
    if repository.load(tx, record.key) is not None:
        raise conflict(f"Function already exist: {record.key.name}")
    check_kept(tx, record.configuration.layers)
    repository.insert(tx, record)
    check_package(tx, record.key, signing)
    if signing is not None:
        function_settings.change(tx, record.key, code_signing_config=signing)
    repository.put_tags(tx, record.key.account, record.key.region, record.arn, tags)
    return record if published is None else publish(tx, record, description=None, generation=published)
