"""How clients name a function: a name, a partial ARN or a full ARN, with or without a qualifier.

The forms themselves are checked against AWS's pattern before an operation is reached; here they are taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambent.arn import function_arn
from lambent.services.lambda_.record import FunctionKey
from lambent.services.lambda_.refusals import access_denied, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambent.call import Call


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function as a client addressed it."""

    account: str
    region: str
    name: str
    qualifier: str | None
    """Version, alias or `$LATEST` as sent, in the name or beside it; None where neither carries one."""

    @property
    def key(self) -> FunctionKey:
        """The function as a whole."""
        return FunctionKey(self.account, self.region, self.name)

    @property
    def arn(self) -> str:
        """The ARN without a qualifier."""
        return function_arn(self.account, self.region, self.name)

    @property
    def qualified_arn(self) -> str:
        """The ARN as addressed: with the qualifier if one was sent."""
        return function_arn(self.account, self.region, self.name, self.qualifier)


def parse(call: Call, text: str, qualifier: str | None = None, *, foreign: bool = False) -> FunctionName:
    """Take a FunctionName parameter apart.

    qualifier: the separate Qualifier parameter; must agree with one inside the name.
    foreign: whether it may be a function of another account, which the operation then looks at itself.
    Raises AwsError: InvalidParameterValueException when the two qualifiers differ, ResourceNotFoundException for
    another region, AccessDeniedException for another account.
    """
    if ":" not in text:
        return FunctionName(call.account, call.region, text, qualifier)
    account, region, name, inner = _split(text)
    if inner is not None and qualifier is not None and inner != qualifier:
        raise invalid_parameter("The derived qualifier from the function name does not match the specified qualifier.")
    found = FunctionName(account or call.account, region or call.region, name, inner or qualifier)
    if found.region != call.region:
        raise not_found(f"Functions from '{found.region}' are not reachable in this region ('{call.region}')")
    if found.account != call.account and not foreign:
        raise access_denied(call.operation, found.qualified_arn, call.account)
    return found


def _split(text: str) -> tuple[str | None, str | None, str, str | None]:
    """Account, region, name and qualifier of `[arn:aws:lambda:][region:][account:][function:]name[:qualifier]`."""
    parts = text.split(":")
    if parts[0] == "arn":
        parts = parts[3:]
    account = region = None
    if len(parts) > 1 and _is_region(parts[0]):
        region = parts.pop(0)
    if len(parts) > 1 and len(parts[0]) == 12 and parts[0].isdigit():
        account = parts.pop(0)
    if len(parts) > 1 and parts[0] == "function":
        parts.pop(0)
    return account, region, parts[0], parts[1] if len(parts) > 1 else None


def _is_region(part: str) -> bool:
    pieces = part.split("-")
    return len(pieces) >= 3 and len(pieces[-1]) == 1 and pieces[-1].isdigit()
