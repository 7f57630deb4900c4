"""CreateLogGroup, DeleteLogGroup, DescribeLogGroups, ListLogGroups, PutLogGroupDeletionProtection."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from lambent.services.logs import repository, tokens
from lambent.services.logs.names import existing_group, group_arn, identified, named, of_identifier
from lambent.services.logs.refusals import already_exists, invalid, not_built, protected
from lambent.services.logs.tags import check_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambent.call import Call, Output, Params
    from lambent.services.logs.context import Logs
    from lambent.services.logs.record import Group
    from lambent.store import Tx

    Wanted = Callable[[Tx, Group], bool]

_PAGE = 50


async def create_log_group(service: Logs, call: Call, params: Params) -> Output:
    """Keep a new group. Raises AwsError ResourceAlreadyExistsException."""
    key, tags, log_class = named(call, params), params.get("tags") or {}, params.get("logGroupClass") or "STANDARD"
    if key.name.lower().startswith("aws/"):
        raise invalid("Log groups starting with AWS/ are reserved for AWS.")
    if params.get("kmsKeyId") is not None:
        raise not_built("encryption of log groups (kmsKeyId)")
    if log_class == "DELIVERY":
        raise not_built("log groups of the class DELIVERY")
    check_keys(tags)
    is_protected = bool(params.get("deletionProtectionEnabled"))

    def work(tx: Tx) -> None:
        if not repository.insert_group(
            tx, key, now_ms=service.now_ms(), log_class=log_class, is_protected=is_protected
        ):
            raise already_exists("log group")
        repository.put_tags(tx, existing_group(tx, key), tags)

    await service.store.write(work)
    return {}


async def delete_log_group(service: Logs, call: Call, params: Params) -> Output:
    """Delete a group with all that is in it; who logs to it again makes it anew."""
    key = named(call, params)

    def work(tx: Tx) -> None:
        group = existing_group(tx, key)
        if group.is_protected:
            raise protected()
        repository.forget_group(tx, group)

    await service.store.write(work)
    return {}


async def put_log_group_deletion_protection(service: Logs, call: Call, params: Params) -> Output:
    """Let a group be deleted, or not."""
    key = identified(call, params)
    is_protected = bool(params["deletionProtectionEnabled"])
    await service.store.write(
        lambda tx: repository.set_protection(tx, existing_group(tx, key), is_protected=is_protected)
    )
    return {}


async def describe_log_groups(service: Logs, call: Call, params: Params) -> Output:
    """Groups by name, in pages."""
    prefix, pattern = params.get("logGroupNamePrefix") or "", params.get("logGroupNamePattern")
    if prefix and pattern is not None:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    names = _names(call, params)
    log_class = params.get("logGroupClass")
    classes = {"INFREQUENT_ACCESS", "ESSENTIALS"} if log_class in {"INFREQUENT_ACCESS", "ESSENTIALS"} else {log_class}

    def wanted(_: Tx, group: Group) -> bool:
        return (
            (pattern is None or pattern in group.key.name)
            and (names is None or group.key.name in names)
            and (log_class is None or group.log_class in classes)
        )

    found, more = await _page(service, call, params, prefix, wanted)
    show = _described if pattern is None else _matched
    return {"logGroups": [show(group) for group in found], **more}


async def list_log_groups(service: Logs, call: Call, params: Params) -> Output:
    """Groups by name, in pages, in short."""
    for name in ("dataSources", "fieldIndexNames"):
        if params.get(name):
            raise not_built(f"ListLogGroups by {name}")
    texts = (params.get("logGroupNamePattern") or "").split("|")
    log_class, tags = params.get("logGroupClass"), params.get("logGroupTags") or []

    def wanted(tx: Tx, group: Group) -> bool:
        if log_class not in {None, group.log_class} or not any(_has(group.key.name, text) for text in texts):
            return False
        return not tags or _is_tagged(repository.tags(tx, group), tags)

    found, more = await _page(service, call, params, "", wanted)
    return {"logGroups": [_listed(group) for group in found], **more}


async def _page(
    service: Logs, call: Call, params: Params, prefix: str, wanted: Wanted
) -> tuple[list[Group], dict[str, Any]]:
    count = params.get("limit") or _PAGE
    token = params.get("nextToken")
    after = "" if token is None else tokens.unpack(token, str)
    if _excluded(call, params):
        return [], {}

    def work(tx: Tx) -> list[Group]:
        groups: Iterator[Group] = repository.groups(tx, call.account, call.region, prefix=prefix, after=after)
        return list(islice((group for group in groups if wanted(tx, group)), count + 1))

    found = await service.store.read(work)
    if len(found) <= count:
        return found, {}
    return found[:count], {"nextToken": tokens.pack(found[count - 1].key.name)}


def _excluded(call: Call, params: Params) -> bool:
    """Whether other accounts are asked for only: none is linked to another here."""
    accounts = params.get("accountIdentifiers")
    return bool(params.get("includeLinkedAccounts") and accounts and call.account not in accounts)


def _names(call: Call, params: Params) -> set[str] | None:
    identifiers = params.get("logGroupIdentifiers")
    if identifiers is None:
        return None
    if any(params.get(name) is not None for name in ("logGroupNamePrefix", "logGroupNamePattern", "logGroupClass")):
        raise invalid("logGroupIdentifiers cannot be combined with other filters.")
    return {of_identifier(call, identifier).name for identifier in identifiers}


def _has(name: str, text: str) -> bool:
    return name.startswith(text[1:]) if text.startswith("^") else text in name


def _is_tagged(tags: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    return all(one["key"] in tags and (not one.get("values") or tags[one["key"]] in one["values"]) for one in filters)


def _described(group: Group) -> dict[str, Any]:
    arn = group_arn(group.key)
    view = {
        "logGroupName": group.key.name,
        "creationTime": group.created_ms,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": max(0, group.stored_bytes),
        "logGroupClass": group.log_class,
        "logGroupArn": arn,
        "deletionProtectionEnabled": group.is_protected,
    }
    return view if group.retention_days is None else {**view, "retentionInDays": group.retention_days}


def _matched(group: Group) -> dict[str, Any]:
    """What is told of groups that a pattern of names finds."""
    view = _described(group)
    return {name: view[name] for name in ("logGroupName", "creationTime", "arn", "logGroupArn")}


def _listed(group: Group) -> dict[str, Any]:
    return {
        "logGroupName": group.key.name,
        "logGroupArn": group_arn(group.key),
        "logGroupClass": group.log_class,
    }
