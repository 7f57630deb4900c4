"""What others may know of an account's users and roles: handed to STS, which must not know IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.iam import repository
from lambent.services.iam.record import ROLE, USER

if TYPE_CHECKING:
    from lambent.services.iam.record import AccessKey, Role, User
    from lambent.store import Tx


class Principals:
    """Finds users, roles and access keys within a transaction of the caller's."""

    def role(self, tx: Tx, account: str, path: str, name: str) -> Role | None:
        """The role with this path and name, None where there is none."""
        found = repository.load(tx, ROLE, account, name)
        return found if found is not None and (found.path, found.name) == (path, name) else None

    def user(self, tx: Tx, user_id: str) -> User | None:
        """The user with this id, None where there is none any more."""
        return repository.load_by_id(tx, USER, user_id)

    def access_key(self, tx: Tx, key_id: str) -> AccessKey | None:
        """A long-lived access key, None where IAM never made it or it was deleted."""
        return repository.key(tx, key_id)
