"""AssumeRole, GetSessionToken, GetFederationToken: temporary credentials.

Trust policies and session policies are kept and not enforced yet: whoever may call at all may assume every role that
exists, the account itself included, which AWS forbids.
"""

from __future__ import annotations

import base64
import re
import secrets
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from lambent.access_keys import new_access_key, new_secret
from lambent.arn import partition_of
from lambent.errors import AwsError
from lambent.services.sts import session
from lambent.services.sts.refusals import access_denied, invalid, malformed, not_authorized, not_built
from lambent.services.sts.session import Kind, Session

if TYPE_CHECKING:
    from lambent.call import Call, Output, Params
    from lambent.services.sts.callers import Identity
    from lambent.services.sts.context import Sts
    from lambent.store import Tx

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role((?:/[!-.0-~]+)*/)([\w+=,.@-]+)", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:\S+")
_HOUR_S = 3600
_USUAL_S = 43_200
_SCOPE = ("Policy", "PolicyArns", "Tags", "TransitiveTagKeys", "ExternalId", "SourceIdentity")
_TOKEN_BYTES = 400
_MOST_TOKEN_BYTES = 4096


async def assume_role(service: Sts, call: Call, params: Params) -> Output:
    """Temporary credentials of a role, of whatever account.

    Raises AwsError AccessDenied for a role that does not exist, as AWS does; ValidationError, MalformedPolicyDocument.
    """
    if params.get("ProvidedContexts"):
        raise not_built("ProvidedContexts of AssumeRole")
    _check(params)
    role_arn, name, seconds = params["RoleArn"], params["RoleSessionName"], params.get("DurationSeconds") or _HOUR_S

    def work(tx: Tx) -> Session:
        caller = service.callers.caller(tx, call)
        form = _role_form(role_arn)
        role = None if form is None else service.principals.role(tx, *form.groups())
        if form is None or role is None:
            raise not_authorized(caller.arn, "AssumeRole", role_arn)
        if seconds > role.max_session_s:
            raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        if caller.kind is Kind.ROLE and seconds > _HOUR_S:
            raise invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
            )
        one = _session(
            service,
            params,
            account=form[1],
            kind=Kind.ROLE,
            principal_id=role.id,
            name=form[3],
            session_name=name,
            seconds=seconds,
        )
        session.insert(tx, one)
        return one

    one = await service.store.write(work)
    output: dict[str, Any] = {
        "Credentials": _shown(one),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{one.principal_id}:{name}",
            "Arn": f"arn:{partition_of(call.region)}:sts::{one.account}:assumed-role/{one.name}/{name}",
        },
        **_sizes(one, params),
    }
    if params.get("SourceIdentity"):
        output["SourceIdentity"] = params["SourceIdentity"]
    return output


async def get_session_token(service: Sts, call: Call, params: Params) -> Output:
    """Temporary credentials of the user who asks, or of the account. Raises AwsError AccessDenied."""
    _check(params)

    def work(tx: Tx) -> Session:
        caller = _lasting(service, tx, call)
        one = _session(
            service,
            params,
            account=caller.account,
            kind=caller.kind,
            principal_id=caller.principal_id,
            seconds=_seconds(caller, params),
        )
        session.insert(tx, one)
        return one

    one = await service.store.write(work)
    return {"Credentials": _shown(one), **_sizes(one, {})}


async def get_federation_token(service: Sts, call: Call, params: Params) -> Output:
    """Temporary credentials for somebody whom the caller vouches for. Raises AwsError AccessDenied."""
    _check(params)
    name = params["Name"]

    def work(tx: Tx) -> Session:
        caller = _lasting(service, tx, call)
        one = _session(
            service,
            params,
            account=caller.account,
            kind=Kind.FEDERATED,
            principal_id=caller.principal_id,
            name=name,
            seconds=_seconds(caller, params),
        )
        session.insert(tx, one)
        return one

    one = await service.store.write(work)
    arn = f"arn:{partition_of(call.region)}:sts::{one.account}:federated-user/{name}"
    user = {"FederatedUserId": f"{one.account}:{name}", "Arn": arn}
    return {"Credentials": _shown(one), "FederatedUser": user, **_sizes(one, params)}


def _role_form(text: str) -> re.Match[str] | None:
    """A role's ARN taken apart, None where it names something else. Raises AwsError ValidationError."""
    if not text.startswith("arn:"):
        raise invalid(f"{text} is invalid")
    if _ARN.fullmatch(text) is None:
        raise invalid("Request ARN is invalid")
    return _ROLE_ARN.fullmatch(text)


def _check(params: Params) -> None:
    """Refuse what holds for all: codes of devices that do not exist, and session policies that are none."""
    if params.get("SerialNumber") or params.get("TokenCode"):
        raise access_denied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  "
            "Please verify your MFA serial number is valid and associated with this user."
        )
    policy = params.get("Policy")
    if policy is not None:
        try:
            parsed = orjson.loads(policy)
        except orjson.JSONDecodeError:
            raise malformed("This policy contains invalid Json") from None
        if not isinstance(parsed, dict) or not parsed.get("Statement"):
            raise malformed("Syntax errors in policy.")
    if (packed := _packed(params)) > 100:
        text = f"Packed policy consumes {packed}% of allotted space, please use smaller policy."
        raise AwsError("PackedPolicyTooLarge", text, status=400)
    keys = [tag["Key"].lower() for tag in params.get("Tags") or []]
    if len(set(keys)) != len(keys):
        raise invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")


def _lasting(service: Sts, tx: Tx, call: Call) -> Identity:
    """The caller, who must have credentials without an end. Raises AwsError AccessDenied."""
    caller = service.callers.caller(tx, call)
    if caller.temporary:
        raise access_denied(f"Cannot call {call.operation} with session credentials")
    return caller


def _seconds(caller: Identity, params: Params) -> int:
    """How long credentials are to last: for the account itself never more than an hour, whatever was asked for."""
    if caller.kind is Kind.ROOT:
        return min(params.get("DurationSeconds") or _HOUR_S, _HOUR_S)
    return params.get("DurationSeconds") or _USUAL_S


def _session(
    service: Sts,
    params: Params,
    *,
    account: str,
    kind: Kind,
    principal_id: str | None,
    seconds: int,
    name: str = "",
    session_name: str = "",
) -> Session:
    now_ms = service.now_ms()
    return Session(
        access_key=new_access_key("ASIA", account),
        account=account,
        kind=kind,
        principal_id=principal_id,
        name=name,
        session=session_name,
        secret=new_secret(),
        token=_new_token(params.get("MinimumSessionTokenSize") or 0),
        created_ms=now_ms,
        expires_ms=now_ms + seconds * 1000,
        scope={member: params[member] for member in _SCOPE if params.get(member)},
    )


def _new_token(least: int) -> str:
    """A session token: chance, as long as AWS's usually are, or as long as was asked for."""
    size = max(_TOKEN_BYTES, least)
    return base64.b64encode(secrets.token_bytes(size)).decode()[:size]


def _shown(one: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": one.access_key,
        "SecretAccessKey": one.secret,
        "SessionToken": one.token,
        "Expiration": datetime.fromtimestamp(one.expires_ms // 1000, UTC),
    }


def _sizes(one: Session, params: Params) -> dict[str, int]:
    """How much room of the token is used; of policies only where there are some, as on AWS."""
    used = {"SessionTokenSize": len(one.token), "SessionTokenUtilization": len(one.token) * 100 // _MOST_TOKEN_BYTES}
    if packed := _packed(params):
        used["PackedPolicySize"] = packed
    return used


def _packed(params: Params) -> int:
    """The room that policies and tags take, in percent of what there is; 0 where there are none."""
    narrowed = {name: params[name] for name in ("Policy", "PolicyArns", "Tags") if params.get(name)}
    return -(-len(zlib.compress(orjson.dumps(narrowed))) * 100 // _MOST_TOKEN_BYTES) if narrowed else 0
