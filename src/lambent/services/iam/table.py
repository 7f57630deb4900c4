"""What an operation of IAM is, for those that are made for several kinds of entities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from lambent.call import Call, Output, Params
from lambent.services.iam.context import Iam

Operation = Callable[[Iam, Call, Params], Awaitable[Output]]
