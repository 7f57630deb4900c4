from typing import Any

import pytest
import typer

from lambent.cli import show
from lambent.cli.client import Refused, Unreachable

WHERE = {"account": "000000000000", "region": "us-east-1", "group": "/aws/lambda/f"}


def event(text: str, at_ms: int = 1) -> list[Any]:
    return [at_ms, "stream", text]


class Answers:
    """A server that answers what it is told to; an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, at: str, page: str, query: Any = None, **_: Any) -> Any:
        self.asked.append((page, query or {}))
        answer = self.answers.pop(0) if self.answers else KeyboardInterrupt()
        if isinstance(answer, BaseException):
            raise answer
        return answer


def test_facts_inside_facts_carry_the_outer_label() -> None:
    facts = {
        "status": "ok",
        "calls": {"running": 1, "limit": 2},
        "strict_runtimes": False,
        "none": [],
        "unknown": None,
        "interpreters": [{"version": "3.11.7", "path": "/a"}, {"version": "3.12.1", "path": "/b"}],
        "isolation": {"level": "partial", "reasons": ["one", "two"]},
    }
    assert show.rows(facts) == [
        ("status", "ok"),
        ("calls: running", "1"),
        ("calls: limit", "2"),
        ("strict runtimes", "no"),
        ("none", "none"),
        ("unknown", "not known yet"),
        ("interpreters", "version 3.11.7, path /a"),
        ("", "version 3.12.1, path /b"),
        ("isolation: level", "partial"),
        ("isolation: reasons", "one"),
        ("", "two"),
    ]


def test_logs_are_printed_page_by_page_to_their_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers(
        {"events": [event("one\n"), event("no end", 61_000)], "position": 1},
        {"events": [event("two\n")], "position": 2},
        {"events": [], "position": 2},
    )
    monkeypatch.setattr(show, "ask", answers)
    show.logs("http://there", WHERE)
    assert capsys.readouterr().out == (
        "1970-01-01T00:00:00.001Z one\n1970-01-01T00:01:01.000Z no end\n1970-01-01T00:00:00.001Z two\n"
    )
    assert [query["position"] for _, query in answers.asked] == [0, 1, 2]


def test_no_logs_are_said_beside_the_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "ask", Answers({"events": [], "position": 0}))
    show.logs("http://there", WHERE)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "lambent: nothing was logged to /aws/lambda/f yet\n"


@pytest.mark.parametrize(("ephemeral", "position"), [(False, 7), (True, 0)])
def test_following_goes_on_after_the_server_came_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ephemeral: bool, position: int
) -> None:
    monkeypatch.setattr(show, "_AGAIN_S", 0)
    answers = Answers(
        {"events": [event("before\n")], "position": 7},
        Unreachable("refused"),
        Unreachable("still refused"),
        Refused("answered 503"),
        {"ephemeral": ephemeral},
        {"events": [event("after\n")], "position": 8},
    )
    monkeypatch.setattr(show, "ask", Answers({"ephemeral": ephemeral}))
    monkeypatch.setattr(show, "fetch", answers)

    with pytest.raises(KeyboardInterrupt):
        show.follow("http://there", WHERE)

    printed = capsys.readouterr()
    assert [line.split("Z ")[1] for line in printed.out.splitlines()] == ["before", "after"]
    assert printed.err.count("waiting for it") == 1
    assert [query["position"] for page, query in answers.asked if page == "logs"] == [0, 7, position, 8]


def test_following_a_server_that_never_was_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "ask", Answers(typer.Exit(1)))
    with pytest.raises(typer.Exit):
        show.follow("http://there", WHERE)
