// Finds a function's handler: CommonJS or ES module, as Lambda's own Node.js runtime looks for it.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  CallbackHandlerDeprecated,
  HandlerNotFound,
  ImportModuleError,
  MalformedHandlerName,
  UserCodeSyntaxError,
} from "./faults.mjs";

const FIRST_WITHOUT_CALLBACKS = 24;
const CALLBACK_ARGUMENTS = 3;

// The handler that a configuration names, e.g. `index.handler` or `src/index.inner.handler`. Throws what is wrong.
export async function load(taskRoot, name, runtime) {
  if (name.includes("..")) {
    const hint = "Use absolute paths when specifying root directories in handler names.";
    throw new MalformedHandlerName(`'${name}' is not a valid handler name. ${hint}`);
  }
  const folder = name.slice(0, name.length - path.basename(name).length);
  const found = path.basename(name).match(/^([^.]*)\.(.*)$/);
  if (found?.length !== 3) throw new MalformedHandlerName("Bad handler");
  const [, module, inside] = found;
  const exported = await imported(taskRoot, folder, module);
  const handler = inside.split(".").reduce((thing, key) => thing?.[key], exported);
  if (!handler) throw new HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new HandlerNotFound(`${name} is not a function`);
  if (handler.length >= CALLBACK_ARGUMENTS && majorOf(runtime) >= FIRST_WITHOUT_CALLBACKS && !streams(handler)) {
    throw new CallbackHandlerDeprecated(
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need " +
        "to modify this function to use a supported handler signature to use Node.js 24 or later. For more " +
        "information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return handler;
}

function majorOf(runtime) {
  return Number(runtime.match(/^nodejs(\d+)/)?.[1]);
}

function streams(handler) {
  return handler[Symbol.for("aws.lambda.runtime.handler.streaming")] === "response";
}

async function imported(taskRoot, folder, module) {
  try {
    return await looked(taskRoot, folder, module);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error);
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") throw new ImportModuleError(error);
    throw error;
  }
}

async function looked(taskRoot, folder, module) {
  const place = path.resolve(taskRoot, folder, module);
  const require = createRequire(path.join(taskRoot, "index.js"));
  if (isFile(place)) return require(place);
  const modules = isModulePackage(path.dirname(place));
  if (isFile(`${place}.js`)) return modules ? import(pathToFileURL(`${place}.js`)) : require(`${place}.js`);
  if (isFile(`${place}.mjs`)) return import(pathToFileURL(`${place}.mjs`));
  if (isFile(`${place}.cjs`)) return require(`${place}.cjs`);
  return require(require.resolve(module, { paths: [taskRoot, path.join(taskRoot, folder)] }));
}

function isFile(place) {
  return fs.statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;
}

// Whether the nearest package.json makes ES modules of `.js` files.
function isModulePackage(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    if (isFile(path.join(at, "package.json"))) {
      return JSON.parse(fs.readFileSync(path.join(at, "package.json"), "utf8")).type === "module";
    }
    if (at === path.dirname(at) || path.basename(at) === "node_modules") return false;
  }
}
