"""The main job, seen working: a function with a dependency, created and called through boto3 and the `aws` command."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
OUT = HERE / "out"
NAME = "thumbnail"
PILLOW = "pillow==12.0.0"
RUNTIME = f"python3.{sys.version_info.minor}"
WARM_CALLS = 200
SCRIPTS = Path(sys.executable).parent


def main() -> None:
    """Run the demo and print what it did."""
    OUT.mkdir(exist_ok=True)
    archive = package()
    with tempfile.TemporaryDirectory(prefix="lambent-demo-") as data_dir, server(Path(data_dir)) as endpoint:
        credentials = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "demo"}
        os.environ.update(credentials, AWS_DEFAULT_REGION="us-east-1", AWS_ENDPOINT_URL=endpoint)
        client = boto3.client("lambda")
        create(client, archive)
        event = json.dumps({"image": base64.b64encode((HERE / "photo.jpg").read_bytes()).decode(), "width": 200})
        first_ms, answer = timed(client, event)
        result = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            sys.exit(f"the function failed: {result}")
        thumbnail = OUT / "thumbnail.jpg"
        thumbnail.write_bytes(base64.b64decode(result["image"]))
        warm_ms = [timed(client, event)[0] for _ in range(20)]
        small_ms = warm_hello(client)
        by_cli = call_by_cli(event)
        report(answer, result, thumbnail, first_ms, warm_ms, small_ms, by_cli)


def package() -> bytes:
    """The function and Pillow as a deployment package."""
    folder = OUT / "package"
    if not (folder / "PIL").is_dir():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--only-binary=:all:",
        ]
        subprocess.run([*pip, "--target", str(folder), PILLOW], check=True)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(HERE / "function" / "thumbnail.py", "thumbnail.py")
        archive.writestr("hello.py", "def handler(event, context):\n    return {'hello': event['name']}\n")
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(folder))
    return out.getvalue()


@contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """`lambent up` on a free port; gives its address."""
    command = [str(SCRIPTS / "lambent"), "up", "--port", "0", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield ready(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def ready(process: subprocess.Popen[str]) -> str:
    """The address in the server's readiness line."""
    for line in process.stdout or ():
        print(line, end="")
        if found := re.search(r"http://\S+", line):
            return found[0]
    sys.exit("the server ended before it was ready")


def create(client: Any, archive: bytes) -> None:
    """Create the functions and wait until they can be called."""
    for name, handler in ((NAME, "thumbnail.handler"), ("hello", "hello.handler")):
        client.create_function(
            FunctionName=name,
            Runtime=RUNTIME,
            Handler=handler,
            Role="arn:aws:iam::000000000000:role/demo",
            Code={"ZipFile": archive},
            MemorySize=512,
            Timeout=30,
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def timed(client: Any, event: str, name: str = NAME) -> tuple[float, dict[str, Any]]:
    """Call a function; milliseconds and answer."""
    start = time.perf_counter()
    answer = client.invoke(FunctionName=name, Payload=event, LogType="Tail")
    return (time.perf_counter() - start) * 1000, answer


def warm_hello(client: Any) -> list[float]:
    """Times of warm calls of the smallest function."""
    event = json.dumps({"name": "Lambent"})
    timed(client, event, "hello")
    return [timed(client, event, "hello")[0] for _ in range(WARM_CALLS)]


def call_by_cli(event: str) -> dict[str, Any]:
    """The same call through the `aws` command line."""
    payload, out = OUT / "event.json", OUT / "answer.json"
    payload.write_text(event)
    command = [sys.executable, "-m", "awscli", "lambda", "invoke", "--function-name", NAME]
    command += ["--payload", f"fileb://{payload}", "--log-type", "Tail", str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return {"status": answer["StatusCode"], "size": json.loads(out.read_text())["size"]}


def report(
    answer: dict[str, Any],
    result: dict[str, Any],
    thumbnail: Path,
    first_ms: float,
    warm_ms: list[float],
    small_ms: list[float],
    by_cli: dict[str, Any],
) -> None:
    """Print what was done."""
    photo = HERE / "photo.jpg"
    tail = base64.b64decode(answer["LogResult"]).decode()
    cut = statistics.quantiles(small_ms, n=100)
    rows = [
        ("function", f"{NAME} ({RUNTIME}, Pillow), version {answer['ExecutedVersion']}"),
        ("input", f"{photo.relative_to(HERE.parent)}, {photo.stat().st_size} bytes"),
        (
            "output",
            f"{thumbnail.relative_to(HERE.parent)}, {thumbnail.stat().st_size} bytes, {result['size']} pixels",
        ),
        ("first call", f"{first_ms:.1f} ms, with the start of its environment"),
        (
            "warm calls",
            f"{statistics.median(warm_ms):.1f} ms (median of {len(warm_ms)}), scaling the photograph each time",
        ),
        (
            "hello, warm",
            f"{cut[49]:.2f} ms median, {cut[98]:.2f} ms p99 of {len(small_ms)}, boto3's own time included",
        ),
        ("aws command", f"status {by_cli['status']}, {by_cli['size']} pixels"),
    ]
    print()
    for label, text in rows:
        print(f"  {label:12} {text}")
    print("\n  log tail of the first call")
    for line in tail.splitlines():
        print(f"    {line}")


if __name__ == "__main__":
    main()
