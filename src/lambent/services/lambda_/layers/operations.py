"""PublishLayerVersion, GetLayerVersion, GetLayerVersionByArn, DeleteLayerVersion, ListLayers, ListLayerVersions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.services.lambda_ import paging
from lambent.services.lambda_.code import measure, package
from lambent.services.lambda_.layers import repository
from lambent.services.lambda_.layers.names import (
    checked_version,
    no_such_resource,
    parse,
    parse_own,
    parse_own_version,
    parse_version,
)
from lambent.services.lambda_.layers.record import LayerVersion
from lambent.services.lambda_.layers.repository import Filter
from lambent.services.lambda_.refusals import access_denied, invalid_parameter

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.layers.record import LayerName
    from lambent.store import Tx

_ABOVE_ALL = 1 << 62


async def publish_layer_version(service: Lambda, call: Call, params: Params) -> Output:
    """Keep a zip as the next version of a layer.

    Raises AwsError InvalidParameterValueException, RequestEntityTooLargeException.
    """
    layer = parse_own(call, params["LayerName"])
    data = package(params["Content"])
    code, unzipped_bytes = await measure(data)
    draft = LayerVersion(
        layer=layer,
        version=0,
        description=params.get("Description") or "",
        license=params.get("LicenseInfo"),
        runtimes=params.get("CompatibleRuntimes") or [],
        architectures=params.get("CompatibleArchitectures") or [],
        code=code,
        unzipped_bytes=unzipped_bytes,
        created_ms=service.now_ms(),
    )
    async with service.store.blobs.kept(data):
        version = await service.store.write(lambda tx: _insert(tx, draft))
    return version.whole(service.code_urls.sign(call.endpoint, code.blob))


async def get_layer_version(service: Lambda, call: Call, params: Params) -> Output:
    """A version of a layer, with a link to its zip.

    Raises AwsError ResourceNotFoundException, AccessDeniedException, InvalidParameterValueException.
    """
    return await _get(service, call, parse(call, params["LayerName"]), checked_version(params["VersionNumber"]))


async def get_layer_version_by_arn(service: Lambda, call: Call, params: Params) -> Output:
    """As GetLayerVersion."""
    layer, number = parse_version(call, params["Arn"])
    return await _get(service, call, layer, checked_version(number))


async def delete_layer_version(service: Lambda, call: Call, params: Params) -> Output:
    """Delete a version; one that does not exist is deleted with success, as on AWS. Functions keep what they use."""
    layer, number = parse_own_version(call, params)
    await service.store.write(lambda tx: repository.delete(tx, layer, number))
    return {}


async def list_layers(service: Lambda, call: Call, params: Params) -> Output:
    """The account's layers in this region by name, each with its newest version that fits; at most 50 a page."""
    (after,) = paging.after(params)
    count, wanted = paging.size(params) + 1, _wanted(params)
    found = await service.store.read(
        lambda tx: repository.newest(tx, call.account, call.region, wanted, after=after, count=count)
    )
    page, more = paging.cut(found, params, lambda one: [one.layer.name])
    layers = [
        {"LayerName": one.layer.name, "LayerArn": one.layer.arn, "LatestMatchingVersion": one.listed()} for one in page
    ]
    return {"Layers": layers, **more}


async def list_layer_versions(service: Lambda, call: Call, params: Params) -> Output:
    """A layer's versions, the newest first, at most 50 a page; none where there is no such layer."""
    layer = parse_own(call, params["LayerName"])
    (after,) = paging.after(params)
    if after and not (after.isascii() and after.isdecimal()):
        raise invalid_parameter("Invalid marker.")
    before = min(int(after), _ABOVE_ALL) if after else _ABOVE_ALL
    count, wanted = paging.size(params) + 1, _wanted(params)
    found = await service.store.read(lambda tx: repository.versions(tx, layer, wanted, before=before, count=count))
    page, more = paging.cut(found, params, lambda one: [str(one.version)])
    return {"LayerVersions": [one.listed() for one in page], **more}


def _insert(tx: Tx, draft: LayerVersion) -> LayerVersion:
    version = replace(draft, version=repository.next_version(tx, draft.layer))
    repository.insert(tx, version)
    return version


async def _get(service: Lambda, call: Call, layer: LayerName, number: int) -> Output:
    version = await service.store.read(lambda tx: repository.load(tx, layer, number))
    if layer.account != call.account and (version is None or not version.allows(call.account)):
        # Whether it is there is nobody's business who may not use it.
        raise access_denied("GetLayerVersion", layer.version_arn(number), call.account)
    if version is None:
        raise no_such_resource()
    return version.whole(service.code_urls.sign(call.endpoint, version.code.blob))


def _wanted(params: Params) -> Filter:
    return Filter(params.get("CompatibleRuntime"), params.get("CompatibleArchitecture"))
