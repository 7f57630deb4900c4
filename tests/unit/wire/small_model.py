"""A service of one operation, for tests that make shapes of their own."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from botocore.model import ServiceModel

if TYPE_CHECKING:
    from botocore.model import OperationModel


def operation_of(
    members: dict[str, Any], shapes: dict[str, Any] | None = None, *, required: tuple[str, ...] = ()
) -> OperationModel:
    """The operation `Do` with an input `Thing`.

    members, shapes: as service models write shapes, those of members in place; a shape by name is {"shape": "Name"}.
    """
    thing = {"type": "structure", "members": members, "required": [*required]}
    described: dict[str, Any] = deepcopy({**(shapes or {}), "Thing": thing})
    for name in list(described):
        _name_inner(name, described[name], described)
    operations = {"Do": {"name": "Do", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Thing"}}}
    return ServiceModel({"metadata": {}, "operations": operations, "shapes": described}, "small").operation_model("Do")


def _name_inner(name: str, shape: dict[str, Any], described: dict[str, Any]) -> None:
    """Give shapes that are written in place a name, and refer to them by it."""
    places: dict[str, Any] = shape["members"] if shape["type"] == "structure" else shape
    for key in list(places) if shape["type"] == "structure" else ("member", "key", "value"):
        inner = places.get(key)
        if isinstance(inner, dict) and "shape" not in inner:
            inner_name = f"{name}{key[:1].upper()}{key[1:]}"
            described[inner_name] = inner
            places[key] = {"shape": inner_name}
            _name_inner(inner_name, inner, described)
