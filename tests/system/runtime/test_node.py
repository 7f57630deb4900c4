"""Functions on Node.js: what handlers may be, what callers see of errors, what is logged."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from lambent.runtime.spec import LogLevels
from system.runtime.world import zipped

if TYPE_CHECKING:
    from lambent.clock import VirtualClock
    from lambent.runtime.spec import FunctionSpec
    from system.runtime.world import World

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js on this machine"),
]
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def function(world: World, code: str, file: str = "index.js", **changes: Any) -> FunctionSpec:
    """One whose code is `code`."""
    return package(world, {file: code}, **changes)


def package(world: World, files: dict[str, str | bytes], **changes: Any) -> FunctionSpec:
    """One of several files."""
    settings = {"runtime": "nodejs20.x", "handler": "index.handler", **changes}
    return world.function(zipped(files), **settings)


def exit_error(reason: str) -> dict[str, Any]:
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r Error: {reason}"}


# --- handlers that cannot be found


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("index", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "../index.handler",
            "Runtime.MalformedHandlerName",
            "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in",
        ),
        ("index.none", "Runtime.HandlerNotFound", "index.none is undefined or not exported"),
        ("index.inner.none", "Runtime.HandlerNotFound", "index.inner.none is undefined or not exported"),
        ("index.value", "Runtime.HandlerNotFound", "index.value is not a function"),
        ("other.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'other'"),
        ("broken.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '}'"),
        ("needy.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'no-such-module'"),
        (
            "modern.handler",
            "Runtime.ImportModuleError",
            "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-module'",
        ),
        ("throws.handler", "TypeError", "at import"),
    ],
)
async def test_a_handler_that_cannot_be_loaded_is_told_why(
    world: World, handler: str, error_type: str, message: str
) -> None:
    files: dict[str, str | bytes] = {
        "index.js": "exports.value = 5; exports.inner = {}",
        "broken.js": "}",
        "needy.js": "require('no-such-module')",
        "modern.mjs": "import x from 'no-such-module'",
        "throws.js": "throw new TypeError('at import')",
    }
    error = await world.error(package(world, files, handler=handler))
    assert error["errorType"] == error_type
    assert error["errorMessage"].startswith(message)
    assert error["trace"]
    if world.mode == "plain":
        assert str(world.run_dir) not in json.dumps([line for line in error["trace"] if "index.mjs" not in line])


async def test_callbacks_are_refused_from_node_24_on(world: World) -> None:
    spec = function(world, "exports.handler = (event, context, callback) => callback()", runtime="nodejs24.x")
    error = await world.error(spec)
    assert error["errorType"] == "Runtime.CallbackHandlerDeprecated"
    assert "callback-based function handlers starting with Node.js 24" in error["errorMessage"]


# --- errors of handlers


@pytest.mark.parametrize(
    "body",
    [
        "async () => { throw new RangeError('told') }",
        "() => { throw new RangeError('told') }",
        "(event, context, callback) => callback(new RangeError('told'))",
        "(event, context) => context.fail(new RangeError('told'))",
        "(event, context) => context.done(new RangeError('told'))",
        "() => Promise.reject(new RangeError('told'))",
    ],
)
async def test_an_error_is_told_with_its_trace_and_logged(world: World, body: str) -> None:
    spec = function(world, f"exports.handler = {body}")
    for _ in range(2):
        error = await world.error(spec, request_id="r")
        assert error.keys() == {"errorType", "errorMessage", "trace"}
        assert (error["errorType"], error["errorMessage"]) == ("RangeError", "told")
        assert error["trace"][0] == "RangeError: told"
        assert "/var/task/index.js:1:" in error["trace"][1]
    (line, _) = [one for one in world.log(spec) if "Invoke Error" in one]
    found = re.fullmatch(rf"{STAMP}\tr\tERROR\tInvoke Error \t(.*)\n", line)
    assert found
    assert json.loads(found[1])["errorType"] == "RangeError"


async def test_what_is_thrown_and_is_no_error_is_told_by_its_type(world: World) -> None:
    spec = function(world, "exports.handler = async (event) => { throw event }")
    assert await world.error(spec, "text") == {"errorType": "string", "errorMessage": "text", "trace": []}
    assert await world.error(spec, 5) == {"errorType": "number", "errorMessage": "5", "trace": []}


async def test_a_result_that_is_no_json_is_an_error(world: World) -> None:
    spec = function(world, "exports.handler = async () => { const a = {}; a.a = a; return a }")
    error = await world.error(spec)
    assert (error["errorType"], error["errorMessage"]) == ("Error", "Unable to stringify response body")


async def test_a_result_that_is_too_large_is_refused(world: World) -> None:
    spec = function(world, "exports.handler = async (size) => 'x'.repeat(size)")
    assert await world.error(spec, 6_291_555) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert len(await world.result(spec, 6_291_554)) == 6_291_554


async def test_a_promise_that_is_never_settled_is_an_error(world: World) -> None:
    spec = function(world, "exports.handler = async (event) => event || new Promise(() => {})")
    assert (await world.error(spec))["errorType"] == "Runtime.NodeJsExit"
    assert await world.result(spec, 1) == 1


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        ("Promise.reject(new RangeError('lost'))", "Runtime.UnhandledPromiseRejection"),
        ("setTimeout(() => { throw new RangeError('lost') })", "RangeError"),
    ],
)
async def test_an_error_that_nobody_catches_fails_the_call_and_ends_the_process(
    world: World, code: str, error_type: str
) -> None:
    start = (
        "let calls = 0; exports.handler = (event, context, callback) => { calls++; if (event) callback(null, calls);"
    )
    spec = function(world, f"{start} else {code} }}")
    assert await world.result(spec, 1) == 1
    error = await world.error(spec)
    assert error["errorType"] == error_type
    assert "lost" in error["errorMessage"]
    await world.sink.until(spec, lambda lines: any("\tERROR\tUn" in line for line in lines))
    assert await world.result(spec, 1) == 1


# --- the end of the process


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("process.exit(0)", "Runtime exited without providing a reason"),
        ("process.exit(3)", "Runtime exited with error: exit status 3"),
        ("process.kill(process.pid, 'SIGKILL')", "Runtime exited with error: signal: killed"),
        ("process.abort()", "Runtime exited with error: signal: aborted"),
    ],
)
async def test_an_exit_is_told_and_the_next_call_works_with_what_is_in_tmp(
    world: World, code: str, reason: str
) -> None:
    spec = function(
        world,
        "const fs = require('fs'), file = require('os').tmpdir() + '/kept'; let calls = 0;"
        "exports.handler = async (event) => { calls++; fs.appendFileSync(file, 'x');"
        f"if (event === 'end') {{ {code} }} return [calls, fs.readFileSync(file).length] }}",
    )
    assert await world.result(spec) == [1, 1]
    assert await world.error(spec, "end", request_id="r") == exit_error(reason)
    assert await world.result(spec) == [1, 3]


async def test_a_loop_without_end_runs_out_of_time(still: tuple[World, VirtualClock]) -> None:
    world, clock = still
    spec = function(
        world, "exports.handler = async (event) => { console.log('here'); while (event); return 1 }", timeout_s=3
    )
    assert await world.result(spec, 0) == 1
    call = asyncio.ensure_future(world.call(spec, 1, request_id="r"))
    await world.sink.until(spec, lambda lines: sum("here" in line for line in lines) == 2)
    await clock.advance(3.1)
    assert json.loads((await call).payload)["errorMessage"] == "RequestId: r Error: Task timed out after 3.00 seconds"
    assert await world.result(spec, 0) == 1


async def test_a_function_that_holds_too_much_is_out_of_memory(world: World) -> None:
    code = "const held = []; exports.handler = async () => { for (;;) held.push(Buffer.alloc(1 << 20, 1)) }"
    spec = function(world, code, memory_mb=128)
    assert await world.error(spec, request_id="r") == exit_error("Runtime exited with error: signal: killed")
    assert "Error Type: Runtime.OutOfMemory" in world.log(spec)[-1]


# --- what handlers may be


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"index.js": "exports.handler = async (event) => event"}, "index.handler"),
        ({"index.cjs": "exports.handler = async (event) => event"}, "index.handler"),
        ({"index.mjs": "export const handler = async (event) => event"}, "index.handler"),
        ({"index.mjs": "await 0; export const handler = async (event) => event"}, "index.handler"),
        ({"index.js": "export const handler = async (e) => e", "package.json": '{"type": "module"}'}, "index.handler"),
        ({"src/app.js": "exports.inner = { handler: async (event) => event }"}, "src/app.inner.handler"),
        ({"index/index.js": "exports.handler = async (event) => event"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context, callback) => callback(null, event)"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context) => context.succeed(event)"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context) => context.done(null, event)"}, "index.handler"),
        (
            {
                "index.js": "const b = require('b'); exports.handler = async (event) => b(event)",
                "node_modules/b/index.js": "module.exports = (x) => x",
            },
            "index.handler",
        ),
    ],
)
async def test_every_form_of_handler_is_called(world: World, files: dict[str, str | bytes], handler: str) -> None:
    spec = package(world, files, handler=handler)
    for event in ({"a": [1, "ü"]}, None):
        assert await world.result(spec, event) == event


async def test_a_handler_that_returns_nothing_is_null(world: World) -> None:
    assert await world.result(function(world, "exports.handler = async () => {}")) is None
    assert await world.result(function(world, "exports.handler = () => {}")) is None


async def test_a_callback_waits_for_what_is_left_to_do_unless_it_is_told_not_to(world: World) -> None:
    code = """
exports.handler = (wait, context, callback) => {
  let ticks = 0;
  context.callbackWaitsForEmptyEventLoop = wait;
  setTimeout(() => { ticks++ }, 30);
  callback(null, { get ticks() { return ticks } });
};
"""
    spec = function(world, code)
    assert await world.result(spec, True) == {"ticks": 1}
    assert await world.result(spec, False) == {"ticks": 0}


async def test_the_context_describes_the_call(world: World) -> None:
    spec = function(
        world,
        "exports.handler = async (event, context) => ({...context, left: context.getRemainingTimeInMillis(),"
        " trace: process.env._X_AMZN_TRACE_ID ?? null})",
    )
    found = await world.result(
        spec, request_id="r", invoked_arn="arn:x", trace_header="Root=1", client_context=b'{"custom":{}}'
    )
    assert 15_000 < found.pop("left") <= 20_000
    assert found.pop("logStreamName") in world.sink.streams[spec.log_group]
    assert found == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionVersion": "$LATEST",
        "functionName": spec.name,
        "memoryLimitInMB": "256",
        "logGroupName": spec.log_group,
        "clientContext": {"custom": {}},
        "invokedFunctionArn": "arn:x",
        "awsRequestId": "r",
        "trace": "Root=1",
    }
    assert (await world.result(spec))["trace"] is None


async def test_layers_are_found_and_the_function_comes_first(world: World) -> None:
    world.packages["node-layer"] = zipped(
        {
            "nodejs/node_modules/both/index.js": "module.exports = 'layer'",
            "nodejs/node_modules/only/index.js": "module.exports = 'layer'",
        }
    )
    spec = package(
        world,
        {
            "index.js": "exports.handler = async () => [require('both'), require('only')]",
            "node_modules/both/index.js": "module.exports = 'own'",
        },
        layers=("node-layer",),
    )
    assert await world.result(spec) == ["own", "layer"]


# --- logs


async def test_the_console_writes_one_event_per_message(world: World) -> None:
    code = """
console.log('outside');
exports.handler = async (event) => {
  console.log('one\\ntwo', { a: 1 });
  console.debug('d'); console.info('%s!', 'i'); console.warn('w'); console.error(new Error('e').message);
  process.stdout.write('plain\\n');
  console.log('x'.repeat(100000));
};
"""
    spec = function(world, code)
    await world.call(spec, request_id="r")
    await world.sink.until(spec, lambda lines: lines[-1].startswith("REPORT"))
    own = [line for line in world.log(spec) if not re.match(r"INIT_START|START|END|REPORT", line)]
    assert re.fullmatch(rf"{STAMP}\tundefined\tINFO\toutside\n", own[0])
    texts = [re.sub(STAMP, "T", line) for line in own[1:]]
    assert texts == [
        "T\tr\tINFO\tone\ntwo { a: 1 }\n",
        "T\tr\tDEBUG\td\n",
        "T\tr\tINFO\ti!\n",
        "T\tr\tWARN\tw\n",
        "T\tr\tERROR\te\n",
        "plain\n",
        "T\tr\tINFO\t" + "x" * 100_000 + "\n",
    ]
    assert world.log(spec)[0].startswith("INIT_START Runtime Version: nodejs:")


async def test_a_log_in_json_has_levels_and_keeps_what_reaches_them(world: World) -> None:
    code = """
exports.handler = async (event) => {
  console.debug('no'); console.info({ a: [1] }); console.warn('%d', 2, new RangeError('e')); throw new TypeError('t');
};
"""
    spec = function(world, code, log_levels=LogLevels("INFO", "INFO"))
    await world.call(spec, request_id="r")
    told = [json.loads(line) for line in world.log(spec) if "requestId" in json.loads(line)]
    for one in told:
        assert re.fullmatch(STAMP, one.pop("timestamp"))
        one.pop("stackTrace", None)
    assert told[:2] == [
        {"level": "INFO", "requestId": "r", "message": {"a": [1]}},
        {
            "level": "WARN",
            "requestId": "r",
            "message": told[1]["message"],
            "errorType": "RangeError",
            "errorMessage": "e",
        },
    ]
    assert told[1]["message"].startswith("2 RangeError: e\n")
    assert (told[2]["level"], told[2]["message"]["errorType"]) == ("ERROR", "TypeError")
    assert len(told) == 3


# --- responses in pieces


async def test_a_streamed_response_is_put_together_for_who_wants_it_whole(world: World) -> None:
    code = """
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.type) stream.setContentType(event.type);
  for (const piece of event.pieces) stream.write(piece);
  if (event.fail) throw new Error('told');
  stream.end();
});
"""
    spec = function(world, code)
    outcome = await world.call(spec, {"pieces": ["one ", "two"], "type": "text/x"})
    assert (outcome.payload, outcome.content_type, outcome.error) == (b"one two", "text/x", False)
    outcome = await world.call(spec, {"pieces": ["x" * 100_000] * 20})
    assert (len(outcome.payload), outcome.content_type) == (2_000_000, "application/octet-stream")
    outcome = await world.call(spec, {"pieces": []})
    assert (outcome.payload, outcome.error) == (b"", False)
    outcome = await world.call(spec, {"pieces": ["abcd"], "fail": True})
    assert (outcome.payload, outcome.error, outcome.content_type) == (b"abcd", False, "application/octet-stream")
    outcome = await world.call(spec, {"pieces": [], "fail": True})
    assert (outcome.payload, outcome.error, outcome.content_type) == (b"", False, "application/json")
    assert sum("Invoke Error" in line for line in world.log(spec)) == 2


async def test_a_response_for_http_begins_with_its_head(world: World) -> None:
    code = """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });
  stream.write('body');
  stream.end();
});
"""
    outcome = await world.call(function(world, code))
    assert outcome.content_type == "application/vnd.awslambda.http-integration-response"
    head, _, body = outcome.payload.partition(b"\0" * 8)
    assert (json.loads(head), body) == ({"statusCode": 201, "headers": {"a": "b"}}, b"body")


async def test_a_pipeline_is_waited_for(world: World) -> None:
    code = """
const { pipeline } = require('stream/promises'), { Readable } = require('stream'), zlib = require('zlib');
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  await pipeline(Readable.from([Buffer.from('hello')]), zlib.createGzip(), zlib.createGunzip(), stream);
});
"""
    assert (await world.call(function(world, code))).payload == b"hello"
