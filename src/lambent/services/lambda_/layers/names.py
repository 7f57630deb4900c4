"""How clients name a layer: by its name, or by its ARN, with a version or without.

The forms themselves are checked against AWS's patterns before an operation is reached; here they are taken apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.layers.record import LayerName
from lambent.services.lambda_.refusals import access_denied, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.errors import AwsError

_ABOVE_ALL = 1 << 62
"""A number that no version comes to, and that a database can look for."""


def parse(call: Call, text: str) -> LayerName:
    """Take a LayerName parameter apart. Raises AwsError ResourceNotFoundException for another region."""
    if ":" not in text:
        return LayerName(call.account, call.region, text)
    _, _, _, region, account, _, name = text.split(":")
    return _in_region(call, LayerName(account, region, name))


def parse_own(call: Call, text: str) -> LayerName:
    """As `parse`, for what only an owner may do. Raises AwsError AccessDeniedException for another account."""
    layer = parse(call, text)
    if layer.account != call.account:
        raise access_denied(call.operation, layer.arn, call.account)
    return layer


def parse_own_version(call: Call, params: Params) -> tuple[LayerName, int]:
    """LayerName and VersionNumber of a version that only its owner may change.

    Raises AwsError AccessDeniedException for another account, InvalidParameterValueException.
    """
    layer, number = parse(call, params["LayerName"]), params["VersionNumber"]
    if layer.account != call.account:
        # What is refused is the version: its ARN is what a policy has to name.
        raise access_denied(call.operation, layer.version_arn(number), call.account)
    return layer, checked_version(number)


def parse_version(call: Call, arn: str) -> tuple[LayerName, int]:
    """Take the ARN of a version apart. Raises AwsError ResourceNotFoundException for another region."""
    layer, version = split(arn)
    if layer is None:
        raise no_such_resource()
    return _in_region(call, layer), version


def split(arn: str) -> tuple[LayerName | None, int]:
    """Layer and version of an ARN. One of AWS's own layers is None: there are none here."""
    parts = arn.split(":")
    if parts[5] != "layer":
        return None, 0
    return LayerName(parts[4], parts[3], parts[6]), min(int(parts[7]), _ABOVE_ALL)


def checked_version(number: int) -> int:
    """A VersionNumber parameter. Raises AwsError InvalidParameterValueException."""
    if number < 1:
        raise invalid_parameter("Layer Version Cannot be less than 1")
    return min(number, _ABOVE_ALL)


def no_such_resource() -> AwsError:
    """404 of operations that read."""
    return not_found("The resource you requested does not exist.")


def no_such_version(arn: str) -> AwsError:
    """404 of operations on who may use a version."""
    return not_found(f"Layer version {arn} does not exist.")


def _in_region(call: Call, layer: LayerName) -> LayerName:
    if layer.region != call.region:
        raise no_such_resource()
    return layer
