"""The layers of a function: checked when they are set, and kept with it from then on.

A function goes on with a version that was deleted, or that its owner took back: it refers to the zip itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lambent.services.lambda_.code import UNZIPPED_LIMIT, measure
from lambent.services.lambda_.layers import repository
from lambent.services.lambda_.layers.names import split
from lambent.services.lambda_.record import LayerUse
from lambent.services.lambda_.refusals import access_denied, invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambent.call import Call, Params
    from lambent.errors import AwsError
    from lambent.services.lambda_.context import Lambda
    from lambent.services.lambda_.layers.record import LayerVersion
    from lambent.services.lambda_.record import Code, Configuration
    from lambent.store import Tx

_MOST = 5


async def with_layers(service: Lambda, call: Call, settings: Configuration, params: Params) -> Configuration:
    """The settings with the layers that were asked for; without a parameter `Layers` as they were.

    Raises AwsError InvalidParameterValueException, AccessDeniedException.
    """
    arns = params.get("Layers")
    if arns is None:
        return settings
    _check(arns, call.region)
    found = await service.store.read(lambda tx: [_usable(tx, call, arn) for arn in arns])
    uses = tuple(LayerUse(one.arn, one.code.blob, one.code.size_bytes, one.unzipped_bytes) for one in found)
    return replace(settings, layers=uses)


def check_kept(tx: Tx, layers: Iterable[LayerUse]) -> None:
    """Look once more, in the transaction that begins to refer to them, whether layers are still there."""
    for use in layers:
        layer, number = split(use.arn)
        if layer is None or repository.load(tx, layer, number) is None:
            raise _missing(use.arn)


async def check_size(settings: Configuration, package: bytes) -> None:
    """Refuse code and layers that are too large together. package: the function's zip, which was examined.

    Raises AwsError InvalidParameterValueException.
    """
    if not settings.layers:
        return
    layers = sum(layer.unzipped_bytes for layer in settings.layers)
    if layers > UNZIPPED_LIMIT:
        raise invalid_parameter(f"Layers consume more than the available size of {UNZIPPED_LIMIT} bytes")
    _, unzipped_bytes = await measure(package)
    if layers + unzipped_bytes > UNZIPPED_LIMIT:
        raise invalid_parameter(
            f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_LIMIT} bytes. "
            f"The actual size is {layers + unzipped_bytes} bytes."
        )


async def check_size_of(service: Lambda, settings: Configuration, code: Code) -> None:
    """As `check_size`, for a package that is kept already."""
    if settings.layers and (data := await service.store.blobs.get(code.blob)) is not None:
        await check_size(settings, data)


def _check(arns: Sequence[str], region: str) -> None:
    """What can be told from the ARNs alone."""
    if len(arns) > _MOST:
        raise invalid_parameter(f"Cannot reference more than {_MOST} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        layer, _ = split(arn)
        if layer is None:
            raise _missing(arn)
        if layer.region != region:
            raise invalid_parameter(
                f"Layers are not in the same region as the function. Layers are expected to be in region {region}."
            )
        if layer.arn in seen:
            raise invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{seen[layer.arn]} and {arn} are versions of the same layer."
            )
        seen[layer.arn] = arn


def _usable(tx: Tx, call: Call, arn: str) -> LayerVersion:
    layer, number = split(arn)
    version = None if layer is None else repository.load(tx, layer, number)
    if layer is not None and layer.account != call.account and (version is None or not version.allows(call.account)):
        raise access_denied("GetLayerVersion", arn, call.account)
    if version is None:
        raise _missing(arn)
    return version


def _missing(arn: str) -> AwsError:
    return invalid_parameter(f"Layer version {arn} does not exist.")
