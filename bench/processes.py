"""Servers as child processes: started, waited for, stopped by their process id."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from bench.load import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_START_S = 60
_STOP_S = 40


class ServerProblem(Exception):  # noqa: N818  the server's
    """A server that does not start."""


class ServerProcess:
    """A server of its own process and session. Leave the context to stop it."""

    def __init__(
        self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None, folder: Path = ROOT
    ) -> None:
        """log: takes what it writes to standard error."""
        self.log = log
        self.began = time.perf_counter()
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=clean_environ() | dict(environ or {}),
                cwd=folder,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def announced(self) -> str:
        """The address that it prints once it is ready. Raises ServerProblem."""
        late = threading.Timer(_START_S, self.process.kill)
        late.start()
        try:
            for line in self.process.stdout or ():
                if found := re.search(r"http://[\w.:\[\]]+", line):
                    return found[0]
        finally:
            late.cancel()
        raise ServerProblem(f"it ended before it was ready: {self.last_words()}")

    def wait_for(self, address: str, path: str, word: str) -> None:
        """Ask for a page until the answer is 200 and holds a word. Raises ServerProblem."""
        deadline = time.perf_counter() + _START_S
        while not self._answers(address, path, word):
            if self.process.poll() is not None:
                raise ServerProblem(f"it ended before it was ready: {self.last_words()}")
            if time.perf_counter() > deadline:
                raise ServerProblem(f"{path} has not answered well for {_START_S} s")
            time.sleep(0.002)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that is not enough."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-1000:].strip()

    def _answers(self, address: str, path: str, word: str) -> bool:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status == 200 and word in answer.read().decode("utf-8", "replace")
        except OSError:
            # It does not listen yet, or was about to.
            return False
        finally:
            connection.close()


def python(*arguments: str) -> list[str]:
    """A command: this interpreter with arguments."""
    return [sys.executable, *arguments]


def clean_environ() -> dict[str, str]:
    """The environment without what would change how a server, or a client, behaves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBENT_"))}
