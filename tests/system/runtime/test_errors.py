"""What callers see of functions that fail, word for word as AWS's Python runtime has it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from system.runtime.world import ECHO, zipped

if TYPE_CHECKING:
    from system.runtime.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_exception_is_told_with_its_place_in_var_task(world: World) -> None:
    spec = world.function("def handler(event, context):\n    raise Exception('Handler fails')\n")
    for _ in range(2):
        assert await world.error(spec, request_id="r-1") == {
            "errorMessage": "Handler fails",
            "errorType": "Exception",
            "requestId": "r-1",
            "stackTrace": ["  File \"/var/task/m.py\", line 2, in handler\n    raise Exception('Handler fails')\n"],
        }


async def test_an_exception_goes_through_all_frames_of_the_function(world: World) -> None:
    code = """
import json
def handler(event, context):
    if event:
        return inner(event)
    return "fine"
def inner(event):
    return json.loads(event)
"""
    spec = world.function(code)
    error = await world.error(spec, "{")
    assert error["errorType"] == "JSONDecodeError"
    assert error["stackTrace"][:2] == [
        '  File "/var/task/m.py", line 5, in handler\n    return inner(event)\n',
        '  File "/var/task/m.py", line 8, in inner\n    return json.loads(event)\n',
    ]
    for item in error["stackTrace"][2:]:
        assert re.match(r'  File "/var/lang/lib/python3\.\d+/json/', item)
    assert await world.result(spec) == "fine"


async def test_a_recursion_without_end_is_an_exception_with_a_short_trace(world: World) -> None:
    spec = world.function("def handler(event, context):\n    return handler(event, context) if event else 1\n")
    error = await world.error(spec, 1)
    assert error["errorType"] == "RecursionError"
    assert (
        error["stackTrace"][:3]
        == ['  File "/var/task/m.py", line 2, in handler\n    return handler(event, context) if event else 1\n'] * 3
    )
    assert re.fullmatch(r"  \[Previous line repeated \d+ more times\]\n", error["stackTrace"][3])
    assert await world.result(spec, 0) == 1


async def test_a_function_of_python_3_8_has_no_request_id_in_its_errors(world: World) -> None:
    spec = world.function("def handler(event, context):\n    raise ValueError(1)\n", runtime="python3.8")
    assert await world.error(spec) == {
        "errorMessage": "1",
        "errorType": "ValueError",
        "stackTrace": ['  File "/var/task/m.py", line 2, in handler\n    raise ValueError(1)\n'],
    }


async def test_an_exception_whose_text_fails_is_told_all_the_same(world: World) -> None:
    code = """
class Mute(Exception):
    def __str__(self):
        raise ValueError
def handler(event, context):
    raise Mute
"""
    error = await world.error(world.function(code))
    assert error["errorType"] == "Mute"
    assert error["errorMessage"] == "<message of Mute is not available: ValueError>"


async def test_a_module_that_is_not_there_is_named(world: World) -> None:
    spec = world.function("import nowhere\n" + ECHO)
    for _ in range(2):
        assert await world.error(spec) == {
            "errorMessage": "Unable to import module 'm': No module named 'nowhere'",
            "errorType": "Runtime.ImportModuleError",
            "requestId": "",
            "stackTrace": [],
        }
    assert (await world.error(world.function(ECHO, handler="n.handler")))["errorMessage"] == (
        "Unable to import module 'n': No module named 'n'"
    )


async def test_a_syntax_error_is_shown(world: World) -> None:
    error = await world.error(world.function("def handler(event, context):\n    return (\n"))
    assert error["errorType"] == "Runtime.UserCodeSyntaxError"
    assert error["errorMessage"] == "Syntax error in module 'm': '(' was never closed (m.py, line 2)"
    assert error["requestId"] == ""
    assert error["stackTrace"] == ['  File "/var/task/m.py" Line 2\n        return (\n']


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("m.missing", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'm'"),
        (
            "m",
            "Runtime.MalformedHandlerName",
            "Bad handler 'm': not enough values to unpack (expected 2, got 1)",
        ),
        ("sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
    ],
)
async def test_a_handler_that_cannot_be_found_is_named(world: World, handler: str, kind: str, message: str) -> None:
    error = await world.error(world.function(ECHO, handler=handler))
    assert error == {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}


async def test_a_module_that_fails_fails_every_call_alike(world: World) -> None:
    spec = world.function("raise Exception('Runtime startup fails')\n")
    first, second = await world.error(spec), await world.error(spec)
    assert first == second
    assert (first["errorMessage"], first["errorType"], first["requestId"]) == (
        "Runtime startup fails",
        "Exception",
        "",
    )
    assert re.fullmatch(
        r'  File "/var/lang/lib/python3\.\d+/importlib/__init__\.py", line \d+, in import_module\n'
        r"    return _bootstrap\._gcd_import\(name\[level:\], package, level\)\n",
        first["stackTrace"][0],
    )
    assert re.fullmatch(r'  File "<frozen importlib\._bootstrap>", line \d+, in _gcd_import\n', first["stackTrace"][1])
    assert first["stackTrace"][-1] == (
        "  File \"/var/task/m.py\", line 1, in <module>\n    raise Exception('Runtime startup fails')\n"
    )


async def test_a_module_that_fails_once_is_loaded_in_the_call(world: World) -> None:
    code = """
import os, tempfile
mark = os.path.join(tempfile.gettempdir(), "been")
if not os.path.exists(mark):
    open(mark, "w").close()
    raise Exception("not yet")
def handler(event, context):
    return "now"
"""
    spec = world.function(code)
    outcome = await world.call(spec)
    assert (outcome.payload, outcome.init_ms) == (b'"now"', None)
    assert re.search(
        r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: Exception\n",
        "".join(world.log(spec)),
    )


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{1}", "Unable to marshal response: Object of type set is not JSON serializable"),
        ("event.loop", "Unable to marshal response: Circular reference detected"),
        ("b'text'.decode and {(1, 2): 3}", "keys must be str, int, float, bool or None, not tuple"),
        ("{'a': b'\\xff'}", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
async def test_a_result_that_is_no_json_is_an_error(world: World, expression: str, message: str) -> None:
    code = f"""
class Loop(dict):
    pass
def handler(event, context):
    event = Loop()
    event.loop = []
    event.loop.append(event.loop)
    return {expression}
"""
    error = await world.error(world.function(code), request_id="r-2")
    assert message in error.pop("errorMessage")
    assert error == {"errorType": "Runtime.MarshalError", "requestId": "r-2", "stackTrace": []}


@pytest.mark.parametrize(
    ("expression", "payload"),
    [
        ("None", "null"),
        ("'ü'", None),
        ("float('nan')", "NaN"),
        ("Decimal('1234567890123456789012345678901234567.8')", "1234567890123456789012345678901234567.8"),
        ("[Decimal('1.10'), Decimal('3')]", "[1.10, 3]"),
        ("b'raw bytes'", "raw bytes"),
        ("(1, 2)", "[1, 2]"),
    ],
)
async def test_results_are_written_as_awss_runtime_writes_them(
    world: World, expression: str, payload: str | None
) -> None:
    spec = world.function(f"from decimal import Decimal\ndef handler(event, context):\n    return {expression}\n")
    outcome = await world.call(spec)
    newer = spec.runtime in {"python3.12", "python3.13", "python3.14"}
    assert outcome.payload.decode() == (payload or ('"ü"' if newer else '"\\u00fc"'))


LIMIT = 6_291_556
TOO_LARGE = {
    "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    "errorType": "Function.ResponseSizeTooLarge",
}


async def test_a_result_over_the_limit_is_refused_and_the_next_call_works(world: World) -> None:
    code = """
def handler(event, context):
    if event < 0:
        raise ValueError("x" * -event)
    return "x" * (event - 2)
"""
    spec = world.function(code)
    for size in (LIMIT + 1, -LIMIT, 20_000_000):
        assert await world.error(spec, size) == TOO_LARGE
        assert len((await world.call(spec, LIMIT)).payload) == LIMIT


async def test_an_event_may_be_any_json(world: World) -> None:
    spec = world.function(ECHO)
    events: list[Any] = [None, 1, "text", [], {}, [1, {"a": "ü\u2028"}], True, "x" * 6_000_000]
    for event in events:
        assert await world.result(spec, event) == event


async def test_an_event_that_is_no_json_is_an_error_of_the_call(world: World) -> None:
    spec = world.function(ECHO)
    error = await world.error(spec, payload=b"{")
    assert error["errorType"] == "Runtime.UnmarshalError"
    assert error["errorMessage"].startswith("Unable to unmarshal input: ")
    assert await world.result(spec, 1) == 1


async def test_a_package_may_have_folders(world: World) -> None:
    files: dict[str, Any] = {"src/app/__init__.py": "", "src/app/main.py": "from .other import A\n" + ECHO}
    files["src/app/other.py"] = "A = 1\n"
    assert json.loads((await world.call(world.function(zipped(files), handler="src/app/main.handler"), 5)).payload) == 5
    assert await world.result(world.function(zipped(files), handler="src.app.main.handler"), 6) == 6
