// Runs a function on Node.js: loads the handler, then serves one call after the other until it is ended.
//
// Descriptor 3 is the channel to the server, whose frames guest/frames.py describes; descriptor 4 tells what to run.
// Started by guest/program.py, which has left the rights of the server behind already. Written for Node.js 16 and later.

import fs from "node:fs";
import { Channel } from "./channel.mjs";
import { describe, NodeJsExit, showPaths, UnhandledPromiseRejection } from "./faults.mjs";
import { load } from "./handler.mjs";
import { Journal } from "./journal.mjs";
import { install, isStreaming, ResponseStream } from "./streaming.mjs";

const RESULT_LIMIT = 6291556;
const EXIT_AFTER_REJECTION = 128;
const EXIT_AFTER_EXCEPTION = 129;

const settings = JSON.parse(fs.readFileSync(4, "utf8"));
fs.closeSync(4);
showPaths(settings.shown_roots);

class Server {
  #channel = new Channel(3);
  #journal = new Journal(settings.marker, process.env);
  #handler;
  #asynchronous = false;
  // What happens when nothing is left to do, and when nobody caught an error. Between calls: nothing, and the end.
  #whenIdle = () => {};
  #failed = (error, status) => this.#failInitialisation(error, status);

  async start() {
    this.#journal.patch(console);
    install(globalThis);
    process.on("beforeExit", () => this.#whenIdle());
    process.on("uncaughtException", (error) => {
      this.#journal.failed("Uncaught Exception", error);
      this.#failed(error, EXIT_AFTER_EXCEPTION);
    });
    process.on("unhandledRejection", (reason, promise) => {
      const error = new UnhandledPromiseRejection(reason, promise);
      this.#journal.failed("Unhandled Promise Rejection", error);
      this.#failed(error, EXIT_AFTER_REJECTION);
    });
    try {
      this.#handler = await load(settings.task_root, settings.handler, settings.runtime);
    } catch (error) {
      this.#journal.failed("Uncaught Exception", error);
      this.#failInitialisation(error, EXIT_AFTER_EXCEPTION);
      return;
    }
    this.#asynchronous = this.#handler.constructor.name === "AsyncFunction";
    this.#channel.ready(settings.elapsed_ms + process.uptime() * 1000);
    this.#channel.serve((head, event) => this.#call(head, event));
  }

  #failInitialisation(error, status) {
    const told = describe(error);
    const tookMs = settings.elapsed_ms + process.uptime() * 1000;
    this.#channel.failInitialisation(told.errorType, JSON.stringify(told), tookMs, () => process.exit(status));
  }

  #call(head, event) {
    this.#journal.requestId = head.id;
    if (head.trace) process.env._X_AMZN_TRACE_ID = head.trace;
    else delete process.env._X_AMZN_TRACE_ID;
    const call = new Call(this.#channel, this.#journal, (next) => {
      this.#whenIdle = next;
    });
    this.#failed = (error, status) => call.die(error, status);
    this.#whenIdle = () => {
      if (this.#asynchronous) call.fail(new NodeJsExit());
      else call.succeed(null);
    };
    if (isStreaming(this.#handler)) this.#stream(call, head, event);
    else this.#answer(call, head, event);
  }

  #answer(call, head, event) {
    const { context, callback } = call.contextOf(head);
    try {
      const result = this.#handler(JSON.parse(event), context, callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail).catch(context.fail);
    } catch (error) {
      this.#journal.failed("Invoke Error", error);
      call.fail(error);
    }
  }

  #stream(call, head, event) {
    const stream = new ResponseStream(this.#channel);
    const { context } = call.contextOf(head);
    // What was written by then is the response; callers are not told of more.
    const broken = (error) => {
      this.#journal.failed("Invoke Error", error);
      stream.abandon();
      call.conclude(stream);
    };
    this.#whenIdle = () => stream.end();
    stream.once("finish", () => call.conclude(stream));
    stream.once("error", broken);
    try {
      const result = this.#handler(JSON.parse(event), stream, context);
      if (typeof result?.then !== "function") throw new Error("Streaming does not support non-async handlers.");
      result.then(undefined, broken);
    } catch (error) {
      broken(error);
    }
  }
}

// One call: whoever ends it first has ended it.
class Call {
  #channel;
  #journal;
  #wait;
  #over = false;

  // wait: takes what is to happen when nothing is left to do.
  constructor(channel, journal, wait) {
    this.#channel = channel;
    this.#journal = journal;
    this.#wait = wait;
  }

  succeed(value) {
    if (this.#over) return;
    let body;
    try {
      body = Buffer.from(JSON.stringify(value === undefined ? null : value) ?? "null");
    } catch {
      this.fail(new Error("Unable to stringify response body"));
      return;
    }
    this.#over = true;
    if (body.length > RESULT_LIMIT) this.#tooLarge();
    else this.#channel.result(body);
  }

  fail(error) {
    if (this.#over) return;
    this.#over = true;
    const told = describe(error);
    this.#channel.error(told.errorType, JSON.stringify(told));
  }

  // Fail, and end the process.
  die(error, status) {
    if (this.#over) process.exit(status);
    this.#over = true;
    const told = describe(error);
    this.#channel.fatal(told.errorType, JSON.stringify(told), () => process.exit(status));
  }

  // The end of a response that came in pieces.
  conclude(stream) {
    if (this.#over) return;
    this.#over = true;
    stream.begin();
    this.#channel.result(Buffer.alloc(0));
  }

  #tooLarge() {
    const errorType = "Function.ResponseSizeTooLarge";
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESULT_LIMIT} bytes).`;
    this.#channel.error(errorType, JSON.stringify({ errorMessage, errorType }));
  }

  // What handlers are given beside the event.
  contextOf(head) {
    const deadline = performance.now() + head.remaining_ms;
    let waits = true;
    const done = (error, value) => {
      if (error === undefined || error === null) {
        this.succeed(value);
        return;
      }
      if (!this.#over) this.#journal.failed("Invoke Error", error);
      this.fail(error);
    };
    const callback = (error, value) => {
      if (waits) this.#wait(() => done(error, value));
      else done(error, value);
    };
    const env = process.env;
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
      succeed: (value) => done(null, value),
      fail: (error) => done(error === undefined || error === null ? "handled" : error),
      done: (error, value) => done(error, value),
      functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
      clientContext: head.client_context,
      identity: head.identity,
      invokedFunctionArn: head.arn,
      awsRequestId: head.id,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
    };
    return { context, callback };
  }
}

await new Server().start();
