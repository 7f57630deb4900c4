"""GetAccountSettings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_ import repository
from lambent.services.lambda_.code import UNZIPPED_LIMIT, ZIPPED_LIMIT

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.lambda_.context import Lambda

_TOTAL_CODE_LIMIT = 80_530_636_800


async def get_account_settings(service: Lambda, call: Call, _params: Params) -> Output:
    """The account's limits in this region, and what of them is in use."""
    functions, code_bytes = await service.store.read(lambda tx: repository.usage(tx, call.account, call.region))
    return {
        "AccountLimit": {
            "TotalCodeSize": _TOTAL_CODE_LIMIT,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": ZIPPED_LIMIT,
            "ConcurrentExecutions": service.concurrency.limit,
            "UnreservedConcurrentExecutions": service.concurrency.unreserved_limit(call.account, call.region),
        },
        "AccountUsage": {"TotalCodeSize": code_bytes, "FunctionCount": functions},
    }
