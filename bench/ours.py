"""Lambent as a user starts it, and functions on it as a user makes them."""

from __future__ import annotations

import io
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from bench.processes import ServerProblem, ServerProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

_FUNCTIONS = Path(__file__).parent / "functions"
_SCRIPTS = Path(sys.executable).parent
_RUNTIME = f"python3.{sys.version_info.minor}"
_ROLE = "arn:aws:iam::000000000000:role/bench"
_AT_A_TIME = 8


class Lambent(ServerProcess):
    """`lambent up` on a free port, healthy when the constructor returns. Raises ServerProblem."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        command = [str(_SCRIPTS / "lambent"), "up", "--port", "0", "--data-dir", str(data_dir)]
        super().__init__(command, data_dir.with_suffix(".log"), folder=data_dir.parent)
        try:
            self.address = self.announced()
            self.wait_for(self.address, "/_lambent/health", '"ok"')
        except ServerProblem:
            self.stop()
            raise
        self.start_s = time.perf_counter() - self.began
        """From the command to the first good answer of the health page."""


def client_of(address: str) -> Any:
    """An unmodified boto3 client for Lambda; it never retries, so that every answer is seen."""
    return boto3.client(
        "lambda",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="bench",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=_AT_A_TIME),
    )


def define(address: str, names: Sequence[str], file: str) -> None:
    """Create functions of one of the files in `functions`, and wait until they can be called."""
    client = client_of(address)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(_FUNCTIONS / f"{file}.py", "m.py")
    package = out.getvalue()

    def one(name: str) -> None:
        client.create_function(
            FunctionName=name,
            Runtime=_RUNTIME,
            Handler="m.handler",
            Role=_ROLE,
            Timeout=30,
            Code={"ZipFile": package},
        )
        while client.get_function_configuration(FunctionName=name).get("State", "Active") == "Pending":
            time.sleep(0.005)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        list(pool.map(one, names))
