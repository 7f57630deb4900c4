"""What can go wrong with the store."""

from __future__ import annotations

from lambent.errors import Unavailable


class StoreError(Unavailable):
    """The store could not do what it was asked; nothing of it was kept."""


class StoreFullError(StoreError):
    """There is no room on the disk. Nothing was kept; the store works again once there is room."""

    expected = True


class StoreClosedError(StoreError):
    """The store is closed or closing."""


class DataDirInUseError(StoreError):
    """Another process has this data directory."""


class MigrationError(StoreError):
    """The database is of another version of Lambent, or was changed by hand."""
