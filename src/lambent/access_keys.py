"""Identifiers that carry their account, as AWS's do: access keys (AKIA…, ASIA…) and unique ids (AROA…, AIDA…, …).

Behind the four letters of the kind stand sixteen characters of base32: eighty bits, of which the first is one, the next
forty are the account, and the rest is chance. So the account of a key is known without asking anybody. Keys from before
2019, whose first bit is zero, carry no account. May import nothing of Lambent.

Source: Tal Be'ery, "A short note on AWS KEY ID"; WithSecure Labs, "A bitwise analysis of AWS access key identifiers".
"""

from __future__ import annotations

import base64
import re
import secrets

_FORM = re.compile("A(?:KIA|SIA)[A-Z2-7]{16}")
_CHANCE_BITS = 39
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MOST = 999_999_999_999


def account_of(access_key: str) -> str | None:
    """The twelve digits of the account that an access key belongs to; None for a key that does not say."""
    if _FORM.fullmatch(access_key) is None:
        return None
    bits = int.from_bytes(base64.b32decode(access_key[4:]), "big")
    account = (bits >> _CHANCE_BITS) & ((1 << 40) - 1)
    if not bits >> 79 or account > _MOST:
        return None
    return f"{account:012d}"


def encoded(prefix: str, account: str, chance: int) -> str:
    """An identifier of twenty characters.

    prefix: four letters. account: twelve digits. chance: 39 bits. Raises ValueError for an account that is none.
    """
    if len(account) != 12 or not account.isdecimal():
        raise ValueError(f"not an account: {account!r}")
    bits = 1 << 79 | int(account) << _CHANCE_BITS | chance & ((1 << _CHANCE_BITS) - 1)
    return prefix + base64.b32encode(bits.to_bytes(10, "big")).decode()


def new_access_key(prefix: str, account: str) -> str:
    """A new access key id: `AKIA` for one that lasts, `ASIA` for temporary credentials."""
    return encoded(prefix, account, secrets.randbits(_CHANCE_BITS))


def new_unique_id(prefix: str, account: str) -> str:
    """A new unique id of a role (`AROA`), user (`AIDA`), …: one character longer than an access key."""
    return new_access_key(prefix, account) + secrets.choice(_ALPHABET)


def new_secret() -> str:
    """A new secret access key, forty characters."""
    return base64.b64encode(secrets.token_bytes(30)).decode()
