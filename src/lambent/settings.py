"""What a server can be told, and from where: defaults, a TOML file, `LAMBENT_*` variables, flags; the later wins.

May import nothing of Lambent. Every setting has one name everywhere: `data_dir` is `--data-dir`, `LAMBENT_DATA_DIR` and
`data_dir = "…"` in the file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE = Path("lambent.toml")
PREFIX = "LAMBENT_"


class SettingsError(Exception):
    """A setting that cannot be used; the text is one line that says which and why."""


def default_data_dir() -> Path:
    """`~/.lambent/data`: the same wherever the server is started from."""
    return Path.home() / ".lambent" / "data"


@dataclass(frozen=True, slots=True)
class Settings:
    """One server's settings."""

    host: str = "127.0.0.1"
    port: int = 4566
    """0 takes a free one; the readiness line says which."""
    data_dir: Path = field(default_factory=default_data_dir)
    ephemeral: bool = False
    """Keep everything in memory and forget it at the end; `data_dir` is not touched."""
    account: str = "000000000000"
    """The account of callers whose access key is not itself a 12-digit account."""
    region: str = "us-east-1"
    """The region of requests that name none."""
    strict_runtimes: bool = False
    """Refuse functions whose Python version is not on this machine, instead of running them on the nearest."""
    isolation: str = "auto"
    """`auto` confines functions as far as the machine allows; `none` runs them as plain processes."""
    concurrency: int = 1000
    """Lambda's limit of calls that run at the same time, per account and region."""
    max_environments: int = 1000
    """Execution environments of all functions together; idle ones give way first."""
    async_retry_delays_s: str = "60,120"
    """Seconds before the first and each later retry of an asynchronous call that failed, the last for all that follow;
    AWS waits 60 and 120."""
    idle_timeout_s: float = 600.0
    """How long an environment may stand idle before it ends."""
    drain_s: float = 30.0
    """How long running calls may go on after SIGTERM."""
    log_level: str = "info"

    def __post_init__(self) -> None:
        _require(0 <= self.port <= 65535, "port", self.port, "a port between 0 and 65535")
        _require(re.fullmatch(r"\d{12}", self.account), "account", self.account, "twelve digits")
        _require(
            re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", self.region),
            "region",
            self.region,
            "a region like us-east-1",
        )
        _require(self.isolation in {"auto", "none"}, "isolation", self.isolation, "auto or none")
        _require(self.concurrency >= 1, "concurrency", self.concurrency, "at least 1")
        _require(self.max_environments >= 1, "max_environments", self.max_environments, "at least 1")
        _require(
            re.fullmatch(r"\d{1,6}(\.\d+)?(,\d{1,6}(\.\d+)?)*", self.async_retry_delays_s),
            "async_retry_delays_s",
            self.async_retry_delays_s,
            "seconds, separated by commas",
        )
        _require(self.idle_timeout_s > 0, "idle_timeout_s", self.idle_timeout_s, "more than 0 seconds")
        _require(self.drain_s >= 0, "drain_s", self.drain_s, "0 seconds or more")
        levels = {"debug", "info", "warning", "error"}
        _require(self.log_level in levels, "log_level", self.log_level, "debug, info, warning or error")

    @property
    def retry_delays_s(self) -> tuple[float, ...]:
        """`async_retry_delays_s` as numbers."""
        return tuple(float(delay) for delay in self.async_retry_delays_s.split(","))


def load(*, environ: Mapping[str, str], flags: Mapping[str, Any], file: Path | None = None) -> Settings:
    """Settings from all sources. `flags` holds what was given on the command line only; None counts as not given.

    file: the TOML file; None takes `LAMBENT_CONFIG`, else `lambent.toml` in this folder where there is one.
    Raises SettingsError.
    """
    hints = get_type_hints(Settings)
    chosen: dict[str, Any] = {}
    for name, raw in _file_values(environ, file).items():
        if name not in hints:
            raise SettingsError(f"the settings file has an unknown setting {name!r}")
        chosen[name] = _convert(name, raw, hints[name])
    for item in fields(Settings):
        raw = environ.get(PREFIX + item.name.upper())
        if raw is not None:
            chosen[item.name] = _convert(item.name, raw, hints[item.name])
    chosen.update({name: value for name, value in flags.items() if value is not None})
    return Settings(**chosen)


def _file_values(environ: Mapping[str, str], file: Path | None) -> dict[str, Any]:
    named = file or (Path(environ["LAMBENT_CONFIG"]) if environ.get("LAMBENT_CONFIG") else None)
    path = named or DEFAULT_FILE
    if named is None and not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(f"cannot read the settings file {path}: {problem}") from problem


def _convert(name: str, raw: object, kind: type) -> object:
    try:
        if kind is bool:
            return raw if isinstance(raw, bool) else _BOOLEANS[str(raw).strip().lower()]
        if kind is Path:
            return Path(str(raw)).expanduser()
        return kind(raw)
    except (KeyError, TypeError, ValueError):
        raise SettingsError(f"{name} = {raw!r} is not a {kind.__name__}") from None


_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


def _require(ok: object, name: str, value: object, wanted: str) -> None:
    if not ok:
        raise SettingsError(f"{name} = {value!r} is not usable: it must be {wanted}")
