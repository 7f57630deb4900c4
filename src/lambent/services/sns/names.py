"""Names and ARNs of topics, and how those that a call names are found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lambent.arn import partition_of
from lambent.services.sns import access, repository
from lambent.services.sns.refusals import invalid, no_topic, unauthorized

if TYPE_CHECKING:
    from lambent.call import Call
    from lambent.services.sns.context import Sns
    from lambent.services.sns.record import Topic
    from lambent.store import Tx

_PARTS = 6
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO = ".fifo"


class Arn(NamedTuple):
    """The parts of an ARN."""

    service: str
    region: str
    account: str
    resource: str


def split(text: str) -> Arn | None:
    """The parts of an ARN, None for what is none."""
    parts = text.split(":", _PARTS - 1)
    if len(parts) < _PARTS or parts[0] != "arn":
        return None
    return Arn(parts[2], parts[3], parts[4], parts[5])


def parse(text: str, parameter: str = "TopicArn") -> Arn:
    """The parts of an ARN that a parameter holds. Raises AwsError InvalidParameter."""
    found = split(text)
    if found is None:
        count = len(text.split(":"))
        raise invalid(
            f"{parameter} Reason: An ARN must have at least 6 elements, not {count}"
            if count < _PARTS
            else f"{parameter} Reason: An ARN must start with 'arn:'"
        )
    return found


def topic_arn(account: str, region: str, name: str) -> str:
    """The ARN of a topic."""
    return f"arn:{partition_of(region)}:sns:{region}:{account}:{name}"


def check_name(name: str, *, fifo: bool) -> None:
    """Refuse what cannot be a topic's name. Raises AwsError InvalidParameter."""
    stem = name.removesuffix(_FIFO)
    if len(name) > 256 or not _NAME.fullmatch(stem) or name.endswith(_FIFO) is not fifo:
        raise invalid("Topic Name")


def topic_of(tx: Tx, service: Sns, call: Call, text: str, action: str) -> Topic:
    """The topic with this ARN, of the call's region.

    action: what its policy must allow to other accounts.
    Raises AwsError AuthorizationError, InvalidParameter, NotFound.
    """
    named = parse(text)
    if named.service != "sns" or named.region != call.region:
        raise invalid("TopicArn")
    found = repository.topic(tx, text)
    if named.account != call.account and (found is None or not access.lets_in(found, call.account, action)):
        who = service.callers.caller(tx, call).arn
        raise unauthorized(
            f"User: {who} is not authorized to perform: SNS:{action} on resource: {text} "
            f"because no resource-based policy allows the SNS:{action} action"
        )
    if found is None:
        raise no_topic()
    return found
