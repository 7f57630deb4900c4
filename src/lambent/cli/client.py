"""How commands ask a running server."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from lambent import address
from lambent.cli.problem import fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.settings import Settings


class Unreachable(Exception):  # noqa: N818  a state of the other side
    """Nothing answers; the text says why."""


class Refused(Exception):  # noqa: N818  what the other side did
    """What answers does not answer this; the text is a line for whoever asked."""


def endpoint(settings: Settings) -> str:
    """Where the server of these settings is reached."""
    return address.url(settings.host, settings.port)


def ask(at: str, page: str, query: Mapping[str, str | int] | None = None) -> dict[str, Any]:
    """The JSON that the server at `at` answers; ends the command where there is no server."""
    try:
        return fetch(at, page, query)
    except Unreachable as problem:
        fail(f"no Lambent at {at} ({problem}): start it with `lambent up`, or name it with --endpoint")
    except Refused as problem:
        fail(str(problem))


def fetch(at: str, page: str, query: Mapping[str, str | int] | None = None, *, timeout_s: float = 30) -> dict[str, Any]:
    """The JSON that the server at `at` answers. Raises Unreachable, Refused."""
    url = f"{at}/_lambent/{page}" + (f"?{urlencode(query)}" if query else "")
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as answer:
            found = json.load(answer)
    except HTTPError as problem:
        with problem:
            said = problem.read(300).decode("utf-8", "replace").strip()
        raise Refused(f"{url} answered {problem.code}: {said}") from problem
    except OSError as problem:
        raise Unreachable(str(getattr(problem, "reason", problem))) from problem
    except (ValueError, HTTPException):
        found = None
    if not isinstance(found, dict):
        raise Refused(f"what answers at {at} is not Lambent: name the right one with --endpoint")
    return found
