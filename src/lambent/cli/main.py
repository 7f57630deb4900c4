"""The command `lambent`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lambent import __version__
from lambent.cli import doctor as checks
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
Endpoint = Annotated[str | None, typer.Option(help="The server's address.", envvar="LAMBENT_ENDPOINT")]
Host = Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="Port; 0 takes a free one. [4566]")]
DataDir = Annotated[Path | None, typer.Option(help="Where everything is kept. [~/.lambent/data]")]
Account = Annotated[str | None, typer.Option(help="Twelve digits. [000000000000]")]
Region = Annotated[str | None, typer.Option(help="Region of requests that name none. [us-east-1]")]


@main.command()
def up(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    *,
    ephemeral: Annotated[bool | None, typer.Option("--ephemeral", help="Keep everything in memory only.")] = None,
    strict_runtimes: Annotated[
        bool | None,
        typer.Option("--strict-runtimes", help="Refuse functions whose Python is not on this machine."),
    ] = None,
    isolation: Annotated[str | None, typer.Option(help="auto or none. [auto]")] = None,
    account: Account = None,
    region: Region = None,
    concurrency: Annotated[int | None, typer.Option(help="Calls at the same time. [1000]")] = None,
    max_environments: Annotated[int | None, typer.Option(help="Execution environments in all. [1000]")] = None,
    idle_timeout_s: Annotated[float | None, typer.Option(help="Life of an idle environment. [600]")] = None,
    drain_s: Annotated[float | None, typer.Option(help="Time that running calls get at the end. [30]")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error. [info]")] = None,
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
    endpoint_: Annotated[str | None, typer.Option("--endpoint", envvar="LAMBENT_ENDPOINT")] = None,
    config: Config = None,
) -> None:
    """Show what a running server has in force, and how much of everything there is."""
    show.status(ask(_address(endpoint_, config), "status"))


@main.command()
def logs(
    function: Annotated[str, typer.Argument(help="Name of a function, or a log group such as /aws/lambda/name.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    endpoint_: Annotated[str | None, typer.Option("--endpoint", envvar="LAMBENT_ENDPOINT")] = None,
    account: Account = None,
    region: Region = None,
    config: Config = None,
) -> None:
    """Print what a function wrote."""
    settings = _settings({"account": account, "region": region}, config)
    group = function if function.startswith("/") else f"/aws/lambda/{function}"
    where = {"account": settings.account, "region": settings.region, "group": group}
    show.logs(endpoint_ or endpoint(settings), where, follow=follow)


@main.command()
def doctor(port: Port = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Show what this machine offers: interpreters, isolation, port, disk."""
    settings = _settings({"port": port, "data_dir": data_dir}, config)
    if not checks.report(settings):
        raise typer.Exit(1)


@main.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _settings(flags: dict[str, Any], config: Path | None) -> Settings:
    with usable_settings():
        return load(environ=os.environ, flags=flags, file=config)


def _address(named: str | None, config: Path | None) -> str:
    if named is not None and not named.startswith(("http://", "https://")):
        fail(f"--endpoint {named} is not an address: it begins with http://", 2)
    return named.rstrip("/") if named else endpoint(_settings({}, config))
