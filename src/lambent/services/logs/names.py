"""How groups and streams are named: by name, by identifier, by ARN.

Source: CloudWatch Logs API reference, "logGroupIdentifier"; service authorization reference, "Resource types defined by
Amazon CloudWatch Logs".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambent.arn import partition_of
from lambent.services.logs import repository
from lambent.services.logs.record import GroupKey
from lambent.services.logs.refusals import group_not_found, invalid, not_found, stream_not_found

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.logs.record import Group, Stream
    from lambent.store import Tx

_ARN = re.compile(r"arn:([\w-]+):logs:([\w-]*):(\d*):(\w[\w-]*):([^:]+)", re.ASCII)


def group_arn(key: GroupKey) -> str:
    """The ARN of a group; AWS shows it with `:*` behind it in most places."""
    return f"arn:{partition_of(key.region)}:logs:{key.region}:{key.account}:log-group:{key.name}"


def stream_arn(key: GroupKey, stream: str) -> str:
    """The ARN of a stream."""
    return f"{group_arn(key)}:log-stream:{stream}"


def named(call: Call, params: Params) -> GroupKey:
    """The group of an operation that takes a name only."""
    return GroupKey(call.account, call.region, params["logGroupName"])


def identified(call: Call, params: Params) -> GroupKey:
    """The group of an operation that takes a name or an identifier. Raises AwsError where there is not exactly one."""
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if name is not None and identifier is not None:
        raise invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
    if name is not None:
        return GroupKey(call.account, call.region, name)
    if identifier is None:
        raise invalid("Either LogGroup name or LogGroup ARN must be specified.")
    return of_identifier(call, identifier)


def of_identifier(call: Call, identifier: str) -> GroupKey:
    """The group of a name or an ARN. Raises AwsError for an ARN of something else, or of another world."""
    if not identifier.startswith("arn:"):
        return GroupKey(call.account, call.region, identifier)
    return of_arn(call, identifier, "The specified log group ARN is invalid.")


def of_resource(call: Call, arn: str) -> GroupKey:
    """The group that a tagging operation names. Raises AwsError: nothing else has tags here."""
    return of_arn(call, arn, "The specified resource ARN is invalid.")


def of_arn(call: Call, arn: str, otherwise: str) -> GroupKey:
    """The group of an ARN. Raises AwsError: with the text `otherwise` for what is no ARN, else that it is not there."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise invalid(otherwise)
    _, region, account, kind, name = found.groups()
    if kind != "log-group":
        raise not_found("The specified resource does not exist.")
    if (account, region) != (call.account, call.region):
        raise group_not_found()
    return GroupKey(account, region, name)


def existing_group(tx: Tx, key: GroupKey) -> Group:
    """Raises AwsError ResourceNotFoundException."""
    group = repository.load_group(tx, key)
    if group is None:
        raise group_not_found()
    return group


def existing_stream(tx: Tx, group: Group, name: str) -> Stream:
    """Raises AwsError ResourceNotFoundException."""
    stream = repository.load_stream(tx, group, name)
    if stream is None:
        raise stream_not_found()
    return stream
