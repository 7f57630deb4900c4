"""The operations of STS that are built, as the wire is given them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from lambent.call import Call, Output, Params, Service
from lambent.errors import AwsError
from lambent.services.sts import credentials, identity
from lambent.services.sts.context import Sts
from lambent.store import StoreError, StoreFullError

if TYPE_CHECKING:
    from lambent.call import Handler

Operation = Callable[[Sts, Call, Params], Awaitable[Output]]

_log = logging.getLogger(__name__)
_OPERATIONS: dict[str, Operation] = {
    "AssumeRole": credentials.assume_role,
    "GetAccessKeyInfo": identity.get_access_key_info,
    "GetCallerIdentity": identity.get_caller_identity,
    "GetFederationToken": credentials.get_federation_token,
    "GetSessionToken": credentials.get_session_token,
}


def service(parts: Sts) -> Service:
    """STS's table of operations."""
    return Service(name="sts", operations={name: _handler(one, parts) for name, one in _OPERATIONS.items()})


def _handler(operation: Operation, parts: Sts) -> Handler:
    async def handle(call: Call, params: Params) -> Output:
        try:
            return await operation(parts, call, params)
        except StoreError as problem:
            if not isinstance(problem, StoreFullError):
                _log.exception("%s failed, request %s", call.operation, call.request_id)
            # A client may try again: nothing of what it asked for was kept.
            raise AwsError("InternalFailure", str(problem), status=500) from problem

    return handle
