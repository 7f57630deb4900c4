// The errors of a function, in the form and words of Lambda's own Node.js runtime.

let roots = [];

// given: [where a folder really is, where functions see it] pairs; none where the folders are where they should be.
export function showPaths(given) {
  roots = given;
}

function shown(text) {
  return roots.reduce((result, [real, seen]) => result.replaceAll(real, seen), text);
}

// The JSON object that callers see.
export function describe(error) {
  try {
    if (!isError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    return {
      errorType: error.name?.replaceAll("\x7F", "%7F"),
      errorMessage: shown(error.message?.replaceAll("\x7F", "%7F")),
      trace: shown(error.stack.replaceAll("\x7F", "%7F")).split("\n"),
    };
  } catch {
    const problem = "there was a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage: `callback called with Error argument, but ${problem}` };
  }
}

// An error as it stands in the log, behind what happened.
export function formatted(error) {
  try {
    return `\t${shown(JSON.stringify(error, (_, value) => withProperties(value)))}`;
  } catch {
    return `\t${JSON.stringify(describe(error))}`;
  }
}

function withProperties(error) {
  if (!(error instanceof Error)) return error;
  const told = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  if (typeof error.stack === "string") told.stack = error.stack.split("\n");
  return told;
}

function isError(thing) {
  return (
    thing instanceof Error ||
    Boolean(thing && typeof thing === "object" && thing.name && thing.message && thing.stack)
  );
}

function fault(name) {
  return class extends Error {
    constructor(reason) {
      super(reason instanceof Error ? String(reason) : reason);
      Object.defineProperty(this, "name", { value: name });
      if (reason instanceof Error) {
        this.stack = `${name}: ${reason.stack}`;
      }
    }
  };
}

export const CallbackHandlerDeprecated = fault("Runtime.CallbackHandlerDeprecated");
export const HandlerNotFound = fault("Runtime.HandlerNotFound");
export const ImportModuleError = fault("Runtime.ImportModuleError");
export const MalformedHandlerName = fault("Runtime.MalformedHandlerName");
export const UserCodeSyntaxError = fault("Runtime.UserCodeSyntaxError");

export class NodeJsExit extends fault("Runtime.NodeJsExit") {
  constructor() {
    super(
      "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise " +
        "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    );
  }
}

export class UnhandledPromiseRejection extends fault("Runtime.UnhandledPromiseRejection") {
  constructor(reason, promise) {
    super(reason instanceof Error ? String(reason) : String(reason ?? "undefined"));
    this.reason = reason;
    this.promise = promise;
  }
}
