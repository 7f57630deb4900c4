"""Queues' names and URLs: which queue a call is about."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lambent.errors import AwsError
from lambent.services.sqs import policy, repository
from lambent.services.sqs.record import QueueKey, queue_of
from lambent.services.sqs.refusals import denied, invalid, missing, no_such_queue

if TYPE_CHECKING:
    from lambent.call import Call, Params
    from lambent.services.sqs.record import Queue
    from lambent.store import Tx

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"(?=.{1,80}$)[A-Za-z0-9_-]+\.fifo")
_URL = re.compile(r"https?://([^/?#]+)/(?:[^?#]*/)?(\d{12})/([A-Za-z0-9_.-]+)/?", re.ASCII)
_IN_HOST = re.compile(
    r"(?:^|\.)(?:sqs|sqs-fips|queue)\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.|^([a-z]{2,4}(?:-[a-z]+)+-\d)\.queue\.", re.ASCII
)
_IN_PATH = re.compile(r"/queue/([a-z]{2,4}(?:-[a-z]+)+-\d)/", re.ASCII)


def check_name(name: str | None, *, is_fifo: bool) -> str:
    """A name that a queue of the kind may have. Raises AwsError."""
    if not name:
        raise missing("QueueName")
    if is_fifo and not _FIFO_NAME.fullmatch(name):
        raise invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
            ".fifo suffix and be 1 to 80 in length."
        )
    if not is_fifo and not _NAME.fullmatch(name):
        raise invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
    return name


def url_of(call: Call, key: QueueKey) -> str:
    """A queue's URL, as the client reaches it."""
    return f"{call.endpoint}/{key.account}/{key.name}"


def key_of(call: Call, params: Params) -> QueueKey:
    """The queue that a call's QueueUrl names. Raises AwsError InvalidAddress for what is no URL of a queue."""
    url = params.get("QueueUrl")
    if not url:
        raise missing("QueueUrl")
    return _key(call.account, call.region, url)


@lru_cache(4096)
def _key(account: str, region: str, url: str) -> QueueKey:
    """Whatever host a client knows the server by, account and name are the end of the path."""
    found = _URL.fullmatch(url)
    if found:
        host = _IN_HOST.search(found[1].lower())
        named = (host[1] or host[2]) if host else None
        if path := _IN_PATH.search(url):
            named = path[1]
        return QueueKey(found[2], named or region, found[3])
    if _NAME.fullmatch(url) or _FIFO_NAME.fullmatch(url):
        return QueueKey(account, region, url)
    raise AwsError("InvalidAddress", f"The address {url} is not valid for this endpoint.")


def existing(tx: Tx, call: Call, key: QueueKey) -> Queue:
    """The queue of a call. Raises AwsError QueueDoesNotExist, AccessDenied for another account's."""
    row = repository.load_row(tx, key)
    if row is None:
        raise no_such_queue()
    queue = queue_of(row)
    if key.account != call.account and not policy.allows(queue, call):
        raise denied(url_of(call, key))
    return queue
