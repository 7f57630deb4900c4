"""GetCallerIdentity, GetAccessKeyInfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.access_keys import account_of
from lambent.services.sts.refusals import invalid

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sts.context import Sts


async def get_caller_identity(service: Sts, call: Call, params: Params) -> Output:
    """Who signed. Raises AwsError ExpiredToken, InvalidClientTokenId."""
    del params
    caller = await service.store.read(lambda tx: service.callers.caller(tx, call))
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


async def get_access_key_info(service: Sts, call: Call, params: Params) -> Output:
    """The account that an access key says it belongs to, whether it exists or not. Raises AwsError ValidationError."""
    del service, call
    account = account_of(params["AccessKeyId"])
    if account is None:
        raise invalid(f"Invalid access key ID: {params['AccessKeyId']}")
    return {"Account": account}
