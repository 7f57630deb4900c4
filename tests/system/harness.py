"""Real servers on loopback, reached by real clients."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::000000000000:role/r"
RUNTIME = f"python3.{sys.version_info.minor}"
SCRIPTS = Path(sys.executable).parent


class Server:
    """A server of its own process, as `lambent up` starts it."""

    def __init__(self, data_dir: Path, *flags: str) -> None:
        self.data_dir = data_dir
        self._flags = flags
        self._log = (data_dir.parent / f"{data_dir.name}.log").open("ab")
        self.said = ""
        """The line that told that it is ready."""
        self.process = self._start()
        self.endpoint = self._ready()

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or 80

    def client(
        self, service: str = "lambda", region: str = "us-east-1", account: str = "000000000000", *, checks: bool = True
    ) -> Any:
        """An unmodified boto3 client; it never retries, so that every answer is seen.

        checks: whether the client refuses wrong parameters itself, so that the server never sees them.
        """
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=60,
                max_pool_connections=250,
                parameter_validation=checks,
            ),
        )

    def logs_until(self, group: str, start: str, account: str = "000000000000") -> list[str]:
        """A log group's lines, once there is one that starts so; waits for the server's word, not for time."""
        lines: list[str] = []
        position = 0
        while not any(line.startswith(start) for line in lines):
            query = urlencode(
                {"account": account, "region": "us-east-1", "group": group, "position": position, "wait": 1}
            )
            with urlopen(f"{self.endpoint}/_lambent/logs?{query}", timeout=60) as answer:
                page = json.load(answer)
            lines += [text for _, _, text in page["events"]]
            position = page["position"]
        return lines

    def kill(self) -> None:
        """`kill -9`: nothing is said goodbye to."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def restart(self) -> None:
        """Start again on the same data."""
        if self.process.stdout:
            self.process.stdout.close()
        self.process = self._start()
        self.endpoint = self._ready()

    def restart_on_its_port(self) -> None:
        """Start again on the same data where clients know it."""
        self._flags = (*self._flags, "--port", str(self.port))
        self.restart()

    def log(self) -> str:
        """What the server wrote."""
        return Path(self._log.name).read_text("utf-8", "replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self._log.close()

    def _start(self) -> subprocess.Popen[str]:
        command = [str(SCRIPTS / "lambent"), "up", "--port", "0", "--data-dir", str(self.data_dir), *self._flags]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            # What an ephemeral server that is killed leaves behind goes with the test's own folder.
            env={"TMPDIR": str(self.data_dir.parent)} | environ(),
            cwd=self.data_dir.parent,
        )

    def _ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://\S+", line):
                self.said = line
                return found[0]
        self.close()
        raise AssertionError(
            f"the server ended with status {self.process.returncode} before it was ready:\n{self.log()}"
        )


def environ() -> dict[str, str]:
    """This process's variables, without any that speak to AWS's tools or to Lambent."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBENT_"))}


def refused(call: Callable[..., Any], **params: Any) -> dict[str, Any]:
    """The answer of a call that is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**params)
    return dict(refusal.value.response)


def zipped(code: str, name: str = "m.py", **more: str) -> bytes:
    """A deployment package."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, code)
        for other, content in more.items():
            archive.writestr(f"{other}.py", content)
    return out.getvalue()


def create(client: Any, name: str, code: str | bytes, **settings: Any) -> dict[str, Any]:
    """Create a function and wait until it can be called; CreateFunction's answer."""
    answer: dict[str, Any] = client.create_function(
        FunctionName=name,
        Code={"ZipFile": code if isinstance(code, bytes) else zipped(code)},
        **({"Runtime": RUNTIME, "Handler": "m.handler", "Role": ROLE} | settings),
    )
    settle(client, name)
    return answer


def settle(client: Any, name: str) -> dict[str, Any]:
    """Wait until nothing is under way for a function; its configuration."""
    while True:
        found: dict[str, Any] = client.get_function_configuration(FunctionName=name)
        if found["State"] != "Pending" and found.get("LastUpdateStatus") != "InProgress":
            return found
