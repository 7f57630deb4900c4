// Responses that come in pieces: the global `awslambda` of Lambda's Node.js runtime.

import { Writable } from "node:stream";

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const OCTETS = "application/octet-stream";
const PRELUDE = "application/vnd.awslambda.http-integration-response";
const DELIMITER_BYTES = 8;
const PIECE_BYTES = 1 << 20;

export function isStreaming(handler) {
  return handler[STREAMING] === "response";
}

export class ResponseStream extends Writable {
  #channel;
  #contentType = OCTETS;
  #begun = false;
  #abandoned = false;
  #prelude = null;

  constructor(channel) {
    super({ decodeStrings: true });
    this.#channel = channel;
  }

  setContentType(contentType) {
    if (this.#begun) throw new Error("Cannot set content-type, too late.");
    this.#contentType = contentType;
  }

  // What stands before the first byte.
  setPrelude(prelude) {
    this.#prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(DELIMITER_BYTES)]);
  }

  // Tell the server that a response comes in pieces; once.
  begin() {
    if (this.#begun) return;
    this.#begun = true;
    this.#channel.stream(this.#contentType);
    if (this.#prelude !== null) this.#channel.chunk(this.#prelude);
  }

  // Write no more: the handler failed. A response of which nothing was written has no type of its own.
  abandon() {
    if (!this.#begun) {
      this.#contentType = "application/json";
      this.#prelude = null;
    }
    this.#abandoned = true;
    this.destroy();
  }

  _write(chunk, _encoding, done) {
    if (this.#abandoned) {
      done();
      return;
    }
    this.begin();
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const last = start + PIECE_BYTES >= chunk.length;
      this.#channel.chunk(chunk.subarray(start, start + PIECE_BYTES), last ? done : undefined);
    }
    if (chunk.length === 0) done();
  }
}

// Give functions what they expect to find.
export function install(global) {
  global.awslambda = {
    streamifyResponse(handler, options) {
      handler[STREAMING] = "response";
      if (options?.highWaterMark !== undefined) handler[HIGH_WATER_MARK] = Number.parseInt(options.highWaterMark, 10);
      return handler;
    },
    HttpResponseStream: class HttpResponseStream {
      static from(stream, prelude) {
        stream.setContentType(PRELUDE);
        stream.setPrelude(prelude);
        return stream;
      }
    },
  };
}
