"""Servers for the system tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from system.harness import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a file."""
    running = Server(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of a test's own."""
    started: list[Server] = []

    def run(*flags: str, data_dir: Path = tmp_path / "data") -> Server:
        started.append(Server(data_dir, *flags))
        return started[-1]

    yield run
    for one in started:
        one.close()


@pytest.fixture
def client(server: Server) -> Any:
    """Lambda's client on the file's server."""
    return server.client()
