"""CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambent.access_keys import new_access_key, new_secret
from lambent.services.iam import repository
from lambent.services.iam.paging import page
from lambent.services.iam.record import USER, AccessKey, User
from lambent.services.iam.refusals import access_denied, invalid, no_such_entity, quota_exceeded
from lambent.services.iam.users import named_or_caller
from lambent.services.iam.view import moment

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.iam.context import Iam
    from lambent.store import Tx

_MOST = 2


async def create_access_key(service: Iam, call: Call, params: Params) -> Output:
    """A new key of a user; its secret is told this once. Raises AwsError LimitExceeded, NoSuchEntity."""

    def work(tx: Tx) -> tuple[User, AccessKey]:
        user = named_or_caller(tx, service, call, params)
        if len(repository.keys(tx, user)) >= _MOST:
            raise quota_exceeded("AccessKeysPerUser", _MOST)
        key = AccessKey(new_access_key("AKIA", call.account), user.id, new_secret(), "Active", service.now_ms())
        repository.insert_key(tx, key)
        return user, key

    user, key = await service.store.write(work)
    return {"AccessKey": {**_shown(user, key), "SecretAccessKey": key.secret}}


async def list_access_keys(service: Iam, call: Call, params: Params) -> Output:
    """A user's keys without their secrets, the oldest first."""

    def work(tx: Tx) -> tuple[User, list[AccessKey]]:
        user = named_or_caller(tx, service, call, params)
        return user, repository.keys(tx, user)

    user, keys = await service.store.read(work)
    shown, more = page(keys, lambda key: f"{key.created_ms:015d} {key.id}", params)
    return {"AccessKeyMetadata": [_shown(user, key) for key in shown], **more}


async def update_access_key(service: Iam, call: Call, params: Params) -> Output:
    """Switch a key on or off. Raises AwsError NoSuchEntity."""
    if params["Status"] not in {"Active", "Inactive"}:
        raise invalid("Only Active and Inactive can be set as the status of an access key.")

    def work(tx: Tx) -> None:
        key = _key_of(tx, named_or_caller(tx, service, call, params), params)
        repository.set_key_status(tx, key.id, params["Status"])

    await service.store.write(work)
    return {}


async def delete_access_key(service: Iam, call: Call, params: Params) -> Output:
    """Forget a key. Raises AwsError NoSuchEntity."""

    def work(tx: Tx) -> None:
        repository.delete_key(tx, _key_of(tx, named_or_caller(tx, service, call, params), params).id)

    await service.store.write(work)
    return {}


async def get_access_key_last_used(service: Iam, call: Call, params: Params) -> Output:
    """Whose a key is. Uses are not recorded, so that none is told. Raises AwsError AccessDenied, as AWS does."""

    def work(tx: Tx) -> User:
        key = repository.key(tx, params["AccessKeyId"])
        user = None if key is None else repository.load_by_id(tx, USER, key.user_id)
        if user is None or user.account != call.account:
            who = service.callers.caller(tx, call).arn
            raise access_denied(
                f"User: {who} is not authorized to perform: iam:GetAccessKeyLastUsed "
                f"on resource: access key {params['AccessKeyId']}"
            )
        return user

    user = await service.store.read(work)
    return {"UserName": user.name, "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}


def _key_of(tx: Tx, user: User, params: Params) -> AccessKey:
    key = repository.key(tx, params["AccessKeyId"])
    if key is None or key.user_id != user.id:
        raise no_such_entity(f"The Access Key with id {params['AccessKeyId']} cannot be found.")
    return key


def _shown(user: User, key: AccessKey) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "AccessKeyId": key.id,
        "Status": key.status,
        "CreateDate": moment(key.created_ms),
    }
