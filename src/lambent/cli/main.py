"""The command `lambent`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from lambent import __version__
from lambent.cli import events as life
from lambent.cli import show
from lambent.cli.client import ask, endpoint
from lambent.cli.problem import fail, usable_settings
from lambent.settings import load

if TYPE_CHECKING:
    from lambent.settings import Settings

main = typer.Typer(
    name="lambent",
    help="AWS Lambda on machines you own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path | None, typer.Option("--config", help="A TOML file with settings.", show_default=False)]
Endpoint = Annotated[
    str | None, typer.Option("--endpoint", help="The server's address.", envvar="LAMBENT_ENDPOINT", show_default=False)
]
Host = Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")]
Port = Annotated[int | None, typer.Option(help="Port; 0 takes a free one (default: 4566).")]
DataDir = Annotated[Path | None, typer.Option(help="Where everything is kept (default: ~/.lambent/data).")]
Account = Annotated[str | None, typer.Option(help="Twelve digits (default: 000000000000).")]
Region = Annotated[str | None, typer.Option(help="Region of requests that name none (default: us-east-1).")]


@main.command()
def up(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    *,
    ephemeral: Annotated[
        bool | None, typer.Option("--ephemeral/--no-ephemeral", help="Keep everything in memory only.")
    ] = None,
    strict_runtimes: Annotated[
        bool | None,
        typer.Option(
            "--strict-runtimes/--no-strict-runtimes", help="Refuse functions whose Python or Node.js is not here."
        ),
    ] = None,
    isolation: Annotated[str | None, typer.Option(help="auto or none (default: auto).")] = None,
    account: Account = None,
    region: Region = None,
    concurrency: Annotated[int | None, typer.Option(help="Calls at the same time (default: 1000).")] = None,
    max_environments: Annotated[int | None, typer.Option(help="Execution environments in all (default: 1000).")] = None,
    async_retry_delays_s: Annotated[
        str | None, typer.Option(help="Seconds before retries of asynchronous calls (default: 60,120).")
    ] = None,
    idle_timeout_s: Annotated[float | None, typer.Option(help="Life of an idle environment (default: 600).")] = None,
    drain_s: Annotated[float | None, typer.Option(help="Time that running calls get at the end (default: 30).")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error (default: info).")] = None,
    config: Config = None,
) -> None:
    """Serve until SIGTERM or SIGINT, which let running calls end and lose nothing."""
    flags = {name: value for name, value in locals().items() if name != "config"}
    settings = _settings(flags, config)
    from lambent import server  # noqa: PLC0415  what a server needs costs other commands a quarter of a second

    raise typer.Exit(server.run(settings))


@main.command()
def env(
    host: Host = None,
    port: Port = None,
    account: Account = None,
    region: Region = None,
    config: Config = None,
) -> None:
    """Print exports for a shell, so that `aws` and SDKs reach Lambent: eval "$(lambent env)"."""
    settings = _settings({"host": host, "port": port, "account": account, "region": region}, config)
    exports = {
        "AWS_ENDPOINT_URL": endpoint(settings),
        "AWS_ACCESS_KEY_ID": settings.account,
        "AWS_SECRET_ACCESS_KEY": "lambent",
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_REGION": settings.region,
    }
    for name, value in exports.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
    # A session token or a profile of a real account must not travel with these.
    typer.echo("unset AWS_SESSION_TOKEN AWS_PROFILE")


@main.command()
def status(
    endpoint_: Endpoint = None,
    config: Config = None,
) -> None:
    """Show what a running server has in force, and how much of everything there is."""
    show.status(ask(_address(endpoint_, _settings({}, config)), "status"))


@main.command()
def logs(
    function: Annotated[str, typer.Argument(help="Name of a function, or a log group such as /aws/lambda/name.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    endpoint_: Endpoint = None,
    account: Account = None,
    region: Region = None,
    config: Config = None,
) -> None:
    """Print what a function wrote."""
    settings = _settings({"account": account, "region": region}, config)
    group = function if function.startswith("/") else f"/aws/lambda/{function}"
    where = {"account": settings.account, "region": settings.region, "group": group}
    at = _address(endpoint_, settings)
    if not follow:
        show.logs(at, where)
        return
    try:
        show.follow(at, where)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@main.command()
def events(
    function: Annotated[str | None, typer.Argument(help="Name of a function; all where none is given.")] = None,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that ended without success.")] = False,
    count: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 100,
    endpoint_: Endpoint = None,
    account: Account = None,
    region: Region = None,
    config: Config = None,
) -> None:
    """List asynchronous calls: those that wait or run, then those that ended, newest first."""
    settings = _settings({"account": account, "region": region}, config)
    query: dict[str, str | int] = {"account": settings.account, "region": settings.region, "count": count}
    query |= ({"function": function} if function else {}) | ({"failed": 1} if failed else {})
    for one in ask(_address(endpoint_, settings), "events", query)["events"]:
        typer.echo(life.line(one))


@main.command()
def event(
    request_id: Annotated[str, typer.Argument(help="The request id that the call was answered with.")],
    endpoint_: Endpoint = None,
    config: Config = None,
) -> None:
    """Show the life of one asynchronous call."""
    address = _address(endpoint_, _settings({}, config))
    for text in life.timeline(ask(address, f"events/{quote(request_id, safe='')}")):
        typer.echo(text)


@main.command()
def doctor(host: Host = None, port: Port = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Show what this machine offers: interpreters, isolation, port, disk."""
    settings = _settings({"host": host, "port": port, "data_dir": data_dir}, config)
    from lambent.cli import doctor as checks  # noqa: PLC0415  as for `up`

    if not checks.report(settings):
        raise typer.Exit(1)


@main.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _settings(flags: dict[str, Any], config: Path | None) -> Settings:
    with usable_settings():
        return load(environ=os.environ, flags=flags, file=config)


def _address(named: str | None, settings: Settings) -> str:
    if named is not None and not named.startswith(("http://", "https://")):
        fail(f"--endpoint {named} is not an address: it begins with http://", 2)
    return named.rstrip("/") if named else endpoint(settings)
