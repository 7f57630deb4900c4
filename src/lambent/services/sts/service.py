"""The operations of STS that are built, as the wire is given them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from lambent.call import Call, Output, Params, Service
from lambent.services.sts import credentials, identity
from lambent.services.sts.context import Sts

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
    return Service(name="sts", operations={name: partial(one, parts) for name, one in _OPERATIONS.items()})
