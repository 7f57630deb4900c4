"""How commands ask a running server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from lambent.cli.problem import fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambent.settings import Settings


def endpoint(settings: Settings) -> str:
    """Where the server of these settings is reached."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def ask(at: str, page: str, query: Mapping[str, str | int] | None = None, *, timeout_s: float = 30) -> dict[str, Any]:
    """The JSON that the server at `at` answers; ends the command where there is no server."""
    url = f"{at}/_lambent/{page}" + (f"?{urlencode(query)}" if query else "")
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout_s) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as problem:
        fail(f"{url} answered {problem.code}: {problem.read(300).decode('utf-8', 'replace').strip()}")
    except (URLError, OSError) as problem:
        reason = getattr(problem, "reason", problem)
        fail(f"no Lambent at {at} ({reason}): start it with `lambent up`, or name it with --endpoint")
    except json.JSONDecodeError:
        fail(f"what answers at {at} is not Lambent: name the right one with --endpoint")
