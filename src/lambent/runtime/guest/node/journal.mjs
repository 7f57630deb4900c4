// What a function logs with `console`: one log event per message, with all its lines, in Lambda's formats.
//
// Messages go to the pipe of the function's log in pieces that start with a marker, each small enough that the pipe
// keeps it together; see guest/output.py.

import fs from "node:fs";
import { format } from "node:util";
import { formatted } from "./faults.mjs";

const STDOUT = 1;
const HEAD_BYTES = 3;
const PIECE_BYTES = 4096 - 16 - HEAD_BYTES;
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

export class Journal {
  // The call that runs now; undefined during initialisation, which Lambda writes so.
  requestId = undefined;
  #marker;
  #json;
  #least;

  // environ: the function's variables; without any that speak of logs: text, all of it.
  constructor(marker, environ) {
    this.#marker = Buffer.from(marker);
    this.#json = environ.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
    this.#least = LEVELS.indexOf(environ.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  }

  // Let a console write here.
  patch(console) {
    for (const [name, level] of Object.entries(METHODS)) {
      console[name] = (...values) => this.#write(level, values);
    }
  }

  // An error that nobody in the function caught. what: `Invoke Error` and the like.
  failed(what, error) {
    this.#write("ERROR", this.#json ? [error] : [what, formatted(error)]);
  }

  #write(level, values) {
    if (LEVELS.indexOf(level) < this.#least) return;
    const now = new Date().toISOString();
    const line = this.#json
      ? objectOf(now, level, this.requestId, values)
      : `${now}\t${this.requestId}\t${level}\t${format(...values)}`;
    const data = Buffer.from(`${line}\n`);
    for (let start = 0; start < data.length; start += PIECE_BYTES) {
      const piece = data.subarray(start, start + PIECE_BYTES);
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt8(start + PIECE_BYTES < data.length ? 1 : 0, 0);
      head.writeUInt16LE(piece.length, 1);
      put(Buffer.concat([this.#marker, head, piece]));
    }
  }
}

// A message as JSON: one value stays what it is, several become text, beside which the first error stands by itself.
function objectOf(timestamp, level, requestId, values) {
  const told = { timestamp, level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...told, message: values[0] }, (_, value) => withErrors(value));
    } catch {
      return JSON.stringify({ ...told, message: format(values[0]) });
    }
  }
  told.message = format(...values);
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify(error === undefined ? told : { ...told, ...withErrors(error) });
}

function withErrors(value) {
  if (!(value instanceof Error)) return value;
  return {
    ...value,
    errorType: value.constructor?.name ?? "UnknownError",
    errorMessage: value.message,
    stackTrace: typeof value.stack === "string" ? value.stack.split("\n") : [],
  };
}

function put(data) {
  for (;;) {
    try {
      fs.writeSync(STDOUT, data);
      return;
    } catch (problem) {
      // A function that closed its descriptor has chosen not to be heard. A pipe that is full is read at once.
      if (problem.code !== "EAGAIN") return;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}
