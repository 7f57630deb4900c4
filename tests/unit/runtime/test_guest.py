"""The guest's pure parts, imported as the server's own modules."""

from __future__ import annotations

import ast
import json
import logging
import math
import os
import re
import sys
import traceback
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambent.runtime import guest
from lambent.runtime.capture import Splitter, new_marker
from lambent.runtime.guest import handler, marshal, output
from lambent.runtime.guest.context import LambdaContext
from lambent.runtime.guest.faults import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = sorted(Path(guest.__file__).parent.glob("*.py"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


# --- what it is written in


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_the_oldest_interpreter_can_read_it_and_it_imports_the_standard_library_only(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 8))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(str(node.module).partition(".")[0])
    assert imported <= sys.stdlib_module_names


# --- results and events


@given(JSON)
def test_any_json_comes_back_as_it_went(value: Any) -> None:
    for runtime in ("python3.8", "python3.13"):
        result = marshal.result_of(value, marshal.encoder(runtime))
        assert marshal.event_of(result) == value
        assert result == json.dumps(value, ensure_ascii=runtime == "python3.8").encode()


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False), min_size=1), st.text())
def test_decimals_keep_every_digit_and_change_nothing_beside_them(numbers: list[Decimal], text: str) -> None:
    encode = marshal.encoder("python3.11")
    decoded = json.loads(encode({"numbers": numbers, "text": text}), parse_float=Decimal, parse_int=Decimal)
    assert list(map(str, decoded["numbers"])) == list(map(str, map(Decimal, map(str, numbers))))
    assert decoded["text"] == text


def test_a_decimal_that_is_no_number_is_written_as_javascript_has_it() -> None:
    assert marshal.encoder("python3.11")([Decimal("NaN"), math.inf]) == "[NaN, Infinity]"


def test_text_is_escaped_up_to_python_3_11() -> None:
    assert marshal.encoder("python3.11")("ü") == '"\\u00fc"'
    assert marshal.encoder("python3.12")("ü") == '"ü"'


@pytest.mark.parametrize("value", [{1, 2}, object(), {"a": b"\xff"}, {(1,): 1}, "\ud800"])
def test_a_value_that_is_no_json_is_a_fault(value: object) -> None:
    with pytest.raises(Fault) as fault:
        marshal.result_of(value, marshal.encoder("python3.12"))
    assert fault.value.kind == "Runtime.MarshalError"
    assert fault.value.message.startswith("Unable to marshal response: ")


def test_an_event_that_is_no_json_is_a_fault() -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(Fault) as fault:
            marshal.event_of(body)
        assert fault.value.kind == "Runtime.UnmarshalError"


# --- errors


def raised(depth: int = 0) -> BaseException:
    def fall(left: int) -> None:
        if left:
            fall(left - 1)
        raise ValueError("fallen")

    try:
        fall(depth)
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4, 50])
def test_a_trace_is_what_the_standard_library_makes_of_it(depth: int) -> None:
    error = raised(depth)
    found = Faults([], with_request_id=True).describe(error, "r")
    plain: Any = [(one.filename, one.lineno, one.name, one.line) for one in traceback.extract_tb(error.__traceback__)]
    assert found == {
        "errorMessage": "fallen",
        "errorType": "ValueError",
        "requestId": "r",
        "stackTrace": traceback.format_list(plain),
    }


def test_files_are_told_where_functions_see_them() -> None:
    shown = Faults([["/run/code/k/", "/var/task/"]], with_request_id=False).shown_path
    assert shown("/run/code/k/app/m.py") == "/var/task/app/m.py"
    assert shown(sys.base_prefix + "/lib/python3/json.py") == "/var/lang/lib/python3/json.py"
    assert shown("<string>") == "<string>"


def test_our_own_frames_are_not_told(folder: Path) -> None:
    (folder / "lambent_fails.py").write_text("raise OSError('no')\n")
    with pytest.raises(OSError, match="no") as problem:
        handler.load("lambent_fails.f", str)
    told = "".join(Faults([], with_request_id=False).describe(problem.value, "")["stackTrace"])
    assert f'  File "{folder}/lambent_fails.py", line 1, in <module>\n' in told
    # The frame of this test comes first here; in a runtime there is none before our own.
    assert told.startswith(f'  File "{__file__}"')


# --- handlers


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = set(sys.modules)
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_handler_is_found_by_either_kind_of_path(folder: Path) -> None:
    (folder / "lambent_pkg").mkdir()
    (folder / "lambent_pkg/app.py").write_text("def run(event, context):\n    return event\n")
    assert handler.load("lambent_pkg/app.run", str)(1, None) == 1
    assert handler.load("lambent_pkg.app.run", str)(2, None) == 2


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("m", "Runtime.MalformedHandlerName", "Bad handler 'm': not enough values to unpack (expected 2, got 1)"),
        ("", "Runtime.MalformedHandlerName", "Bad handler '': not enough values to unpack (expected 2, got 1)"),
        ("sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        (
            "lambent_nowhere.f",
            "Runtime.ImportModuleError",
            "Unable to import module 'lambent_nowhere': No module named 'lambent_nowhere'",
        ),
    ],
)
def test_a_handler_that_is_not_there_is_a_fault(name: str, kind: str, message: str) -> None:
    with pytest.raises(Fault) as fault:
        handler.load(name, str)
    assert (fault.value.kind, fault.value.message, fault.value.trace) == (kind, message, [])


def test_a_syntax_error_is_shown_where_functions_see_it(folder: Path) -> None:
    (folder / "lambent_bad.py").write_text("x = 1\ny = = 2\n")
    with pytest.raises(Fault) as fault:
        handler.load("lambent_bad.f", lambda path: path.replace(str(folder), "/var/task"))
    assert fault.value.kind == "Runtime.UserCodeSyntaxError"
    assert fault.value.message == "Syntax error in module 'lambent_bad': invalid syntax (lambent_bad.py, line 2)"
    assert fault.value.trace == ['  File "/var/task/lambent_bad.py" Line 2\n    y = = 2\n']


def test_modules_that_a_function_brings_itself_are_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lambent_six.py").write_text("")
    (folder / "lambent_other").mkdir()
    loaded = ["lambent_six", "lambent_boto", "lambent_boto.part", "lambent_other", "lambent_kept"]
    for name in loaded:
        monkeypatch.setitem(sys.modules, name, os)
    bundle = frozenset({"lambent_six", "lambent_boto"})
    handler.forget_shadowed([str(folder), "/nowhere"], frozenset({"lambent_kept"}), bundle)
    assert all(name in sys.modules for name in loaded)
    handler.forget_shadowed([str(folder)], frozenset({"lambent_six", "lambent_boto", "lambent_kept"}), bundle)
    assert [name for name in loaded if name in sys.modules] == ["lambent_other", "lambent_kept"]


# --- what is said


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20_000))
def test_a_record_of_logging_is_one_event(message: str) -> None:
    marker = new_marker()
    reader, writer = os.pipe()
    try:
        records = output.Records(writer, marker)
        records.request_id = "r"
        record = logging.LogRecord("n", logging.INFO, "p", 1, "%s", (message,), None)
        target = output.RecordHandler(records, output.Format({}))
        os.set_blocking(writer, False)
        target.handle(record)
        (event,) = Splitter(marker).feed(os.read(reader, 1 << 20))
    finally:
        os.close(reader)
        os.close(writer)
    assert re.match(r"\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr\t", event)
    assert event.endswith(f"\t{message}\n")


def said(environ: dict[str, str], *records: logging.LogRecord) -> list[dict[str, Any]]:
    """What arrives of records of `logging`, from JSON."""
    marker = new_marker()
    reader, writer = os.pipe()
    try:
        target = output.RecordHandler(output.Records(writer, marker), output.Format(environ))
        target._records.request_id = "r"
        for record in records:
            if record.levelno >= target.level:
                target.handle(record)
        os.set_blocking(reader, False)
        return [json.loads(event) for event in Splitter(marker).feed(os.read(reader, 1 << 20))]
    finally:
        os.close(reader)
        os.close(writer)


JSON_LOGS = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}


def test_a_record_in_json_has_what_the_function_added() -> None:
    record = logging.LogRecord("n", logging.WARNING, "p", 1, "ä %s", ("x",), None)
    record.__dict__.update(order={"id": 7}, nothing=None, message="not this one")

    (told,) = said(JSON_LOGS, record)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told.pop("timestamp"))
    assert told == {"level": "WARNING", "message": "ä x", "logger": "n", "requestId": "r", "order": {"id": 7}}


def test_a_record_in_json_tells_of_the_exception() -> None:
    try:
        json.loads("?")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "p.py", 4, "m", (), sys.exc_info(), "f")

    (told,) = said(JSON_LOGS, record)

    assert (told["errorType"], told["location"]) == ("JSONDecodeError", "p.py:f:4")
    assert told["errorMessage"].startswith("Expecting value")
    assert "json.loads" in told["stackTrace"][0]


def test_records_below_the_level_are_not_said() -> None:
    levels = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    records = [logging.LogRecord("n", level, "p", 1, "m", (), None) for level in levels]

    kept = said(JSON_LOGS | {"AWS_LAMBDA_LOG_LEVEL": "ERROR"}, *records)

    assert [told["level"] for told in kept] == ["ERROR", "CRITICAL"]


def test_an_error_in_json_is_one_object_and_not_said_where_only_fatal_ones_are() -> None:
    error = {"errorMessage": "m", "errorType": "E", "requestId": "r", "stackTrace": ["t"]}
    told = json.loads(output.Format(JSON_LOGS).event_of_error(error))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told.pop("timestamp"))
    assert told == {"level": "ERROR", **error}
    assert output.Format(JSON_LOGS | {"AWS_LAMBDA_LOG_LEVEL": "FATAL"}).event_of_error(error) == ""


def test_an_error_is_told_with_indentation_that_log_viewers_keep() -> None:
    error = {"errorType": "E", "errorMessage": "m", "stackTrace": ['  File "x", line 1, in f\n    g()\n']}
    assert output.event_of_error(error) == (
        "[ERROR] E: m\nTraceback (most recent call last):\n"
        '\u00a0\u00a0File "x", line 1, in f\n\u00a0\u00a0\u00a0\u00a0g()'
    )
    assert output.event_of_error({**error, "errorMessage": "", "stackTrace": []}) == (
        "[ERROR] E\nTraceback (most recent call last):"
    )


def test_the_context_shows_itself_and_never_counts_below_zero() -> None:
    context = LambdaContext({"id": "r", "arn": "a"}, deadline=0.0)
    assert context.get_remaining_time_in_millis() == 0
    assert repr(context).startswith("LambdaContext([aws_request_id=r,")
    assert repr(context.identity) == "CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None])"
