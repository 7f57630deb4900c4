// Frames to and from the server; see guest/frames.py for their form.

import net from "node:net";

const INVOKE = 1;
const READY = 2;
const INIT_ERROR = 3;
const RESULT = 4;
const ERROR = 5;
const STREAM = 6;
const CHUNK = 7;
const FATAL = 8;
const HEADER_BYTES = 9;
const FACTS_BYTES = 16;
const JOINED_BYTES = 65536;

export class Channel {
  #socket;
  #parts = [];
  #size = 0;
  #wanted = HEADER_BYTES;
  #number = 0;
  #began = 0;
  #peakKib = 0;
  #onCall = () => {};

  constructor(fd) {
    this.#socket = new net.Socket({ fd, readable: true, writable: true });
    // The server is gone, or does not like what it was sent: the supervisor ends this process anyway.
    const end = () => process.kill(process.pid, "SIGKILL");
    this.#socket.on("error", end);
    this.#socket.on("close", end);
    this.#socket.on("data", (data) => this.#take(data));
    // A function without anything left to do must be noticed while it is called.
    this.#socket.unref();
  }

  // Take calls: onCall(head, event), the event in bytes.
  serve(onCall) {
    this.#onCall = onCall;
    this.#socket.ref();
  }

  ready(tookMs) {
    this.#send(READY, 0, tookMs, Buffer.alloc(0), Buffer.alloc(0));
  }

  // sent: called once the frame is out, as with all that follow.
  failInitialisation(errorType, body, tookMs, sent) {
    this.#send(INIT_ERROR, 0, tookMs, errorHead(errorType), Buffer.from(body), sent);
  }

  result(body) {
    this.#answer(RESULT, Buffer.alloc(0), body);
    this.#socket.ref();
  }

  error(errorType, body) {
    this.#answer(ERROR, errorHead(errorType), Buffer.from(body));
    this.#socket.ref();
  }

  // An error that the process ends with.
  fatal(errorType, body, sent) {
    this.#answer(FATAL, errorHead(errorType), Buffer.from(body), sent);
  }

  stream(contentType) {
    this.#answer(STREAM, Buffer.alloc(0), Buffer.from(contentType));
  }

  chunk(body, sent) {
    this.#answer(CHUNK, Buffer.alloc(0), body, sent);
  }

  #answer(kind, head, body, sent) {
    this.#send(kind, this.#number, performance.now() - this.#began, head, body, sent);
  }

  #send(kind, number, tookMs, head, body, sent) {
    this.#peakKib = Math.max(this.#peakKib, Math.floor(process.memoryUsage.rss() / 1024));
    const start = Buffer.alloc(HEADER_BYTES + FACTS_BYTES);
    start.writeUInt8(kind, 0);
    start.writeUInt32LE(FACTS_BYTES + head.length, 1);
    start.writeUInt32LE(body.length, 5);
    start.writeUInt32LE(number, 9);
    start.writeDoubleLE(tookMs, 13);
    start.writeUInt32LE(this.#peakKib, 21);
    if (body.length < JOINED_BYTES) {
      this.#socket.write(Buffer.concat([start, head, body]), sent);
      return;
    }
    this.#socket.write(Buffer.concat([start, head]));
    this.#socket.write(body, sent);
  }

  #take(data) {
    this.#parts.push(data);
    this.#size += data.length;
    if (this.#size < this.#wanted) return;
    const whole = this.#parts.length === 1 ? data : Buffer.concat(this.#parts);
    this.#parts = [whole];
    const headEnd = HEADER_BYTES + whole.readUInt32LE(1);
    this.#wanted = headEnd + whole.readUInt32LE(5);
    if (this.#size < this.#wanted) return;
    // The server sends one call at a time.
    this.#parts = [];
    this.#size = 0;
    this.#wanted = HEADER_BYTES;
    if (whole.readUInt8(0) !== INVOKE) return;
    const head = JSON.parse(whole.subarray(HEADER_BYTES, headEnd));
    this.#began = performance.now();
    this.#number = head.number;
    this.#socket.unref();
    this.#onCall(head, whole.subarray(headEnd));
  }
}

function errorHead(errorType) {
  const name = String(errorType).replaceAll("\0", "").slice(0, 250);
  return Buffer.concat([Buffer.from(name), Buffer.from([0])]);
}
