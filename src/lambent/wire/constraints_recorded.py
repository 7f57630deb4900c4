"""What a recorded answer of AWS's may say against its own service model. May import nothing of Lambent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Recorded:
    """The constraints of a shape or a member that differ; None leaves what the model says.

    maximum, minimum: of a length or a value.
    enum: the values in the order in which a refusal lists them. Values that only the model knows are accepted too.
    enum_alone: the elements of a list are refused with the enum's words alone, without a list of their constraints.
    unchecked: the service checks the member itself.
    """

    maximum: int | None = None
    minimum: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    enum_alone: bool = False
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Recordings:
    """All that is known of one service.

    shapes: by shape name. members: by operation and member of its input, wins over the shape; for a list it speaks of
    the elements. lists_not_null: a refusal of elements says also that none may be null.
    """

    shapes: Mapping[str, Recorded] = field(default_factory=dict)
    members: Mapping[tuple[str, str], Recorded] = field(default_factory=dict)
    lists_not_null: bool = False


NONE_RECORDED = Recordings()
NOTHING = Recorded()
