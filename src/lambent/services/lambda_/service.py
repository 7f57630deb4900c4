"""The operations of Lambda that are built, as the wire is given them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lambent.call import Service
from lambent.errors import AwsError
from lambent.services.lambda_ import account, create, delete, invoke, read, tags, update
from lambent.store import StoreError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambent.call import Call, Handler, Output, Params, Result
    from lambent.services.lambda_.context import Lambda

    Operation = Callable[[Lambda, Call, Params], Awaitable[Output | Result]]

_log = logging.getLogger(__name__)
_OPERATIONS: dict[str, Operation] = {
    "CreateFunction": create.create_function,
    "DeleteFunction": delete.delete_function,
    "GetAccountSettings": account.get_account_settings,
    "GetFunction": read.get_function,
    "GetFunctionConfiguration": read.get_function_configuration,
    "Invoke": invoke.invoke,
    "ListFunctions": read.list_functions,
    "ListTags": tags.list_tags,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateFunctionCode": update.update_function_code,
    "UpdateFunctionConfiguration": update.update_function_configuration,
}
_BODY_LIMITS = {
    "Invoke": 6_291_456,
    "CreateFunction": 70_167_211,
    "UpdateFunctionCode": 70_167_211,
    "": 1_048_576,
}


def service(parts: Lambda) -> Service:
    """Lambda's table of operations."""
    return Service(
        name="lambda",
        operations={name: _handler(operation, parts) for name, operation in _OPERATIONS.items()},
        body_limits=_BODY_LIMITS,
        action_names={"Invoke": "InvokeFunction"},
        fault_code="ServiceException",
    )


def _handler(operation: Operation, parts: Lambda) -> Handler:
    async def handle(call: Call, params: Params) -> Output | Result:
        try:
            return await operation(parts, call, params)
        except StoreError as problem:
            if not isinstance(problem, StoreFullError):
                _log.exception("%s failed, request %s", call.operation, call.request_id)
            # A client may try again: nothing of what it asked for was kept.
            raise AwsError("ServiceException", str(problem), status=500, fields={"Type": "Service"}) from problem

    return handle
