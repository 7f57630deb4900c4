"""Where requests find their URL: memory in front of the store, invalidated by change, so that a call costs no disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambent.services.lambda_.urls import repository

if TYPE_CHECKING:
    from lambent.services.lambda_.urls.record import FunctionUrl
    from lambent.store import Store

_CACHED = 4096


class UrlDirectory:
    """The URLs by their ids."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._urls: dict[str, FunctionUrl] = {}
        self._changes = 0

    async def find(self, url_id: str) -> FunctionUrl | None:
        """The URL from memory or the store; None where there is none."""
        url = self._urls.get(url_id)
        if url is not None:
            return url
        changes = self._changes
        url = await self._store.read(lambda tx: repository.by_id(tx, url_id))
        # A change between the read and here has already forgotten what was read: it must not come back.
        if url is not None and changes == self._changes:
            if len(self._urls) >= _CACHED:
                self._urls.pop(next(iter(self._urls)))
            self._urls[url_id] = url
        return url

    def forget(self, account: str, region: str, name: str) -> None:
        """A function's URLs changed: the next requests read them anew."""
        self._changes += 1
        changed = (account, region, name)
        for url in [one for one in self._urls.values() if (one.account, one.region, one.name) == changed]:
            del self._urls[url.id]
