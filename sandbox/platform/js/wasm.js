// @ts-check
/**
 * The asynchronous functions of the WebAssembly namespace (https://webassembly.github.io/spec/js-api/#webassembly-namespace
 * and https://webassembly.github.io/spec/web-api/#streaming-modules).
 *
 * "In parallel" is at once: another thread's time and memory would be charged to nobody. The start
 * function of a module that was compiled before therefore runs within the call, and not in a task.
 */

import { headersFromBlock, headersGet } from './headers.js';
import { lazy } from './lazy.js';
import { ops, then } from './ops.js';
import { ObjectDefineProperty, PromiseReject, PromiseResolve, RegExpPrototypeExec, TypeError } from './primordials.js';
import { Uint8Array } from './primordials/buffers.js';
import { converters, requiredArguments } from './webidl.js';

/**
 * The engine's, which no code can have replaced: this module is evaluated when it is first looked up.
 * Undefined where there is no machine code.
 */
const namespace = globalThis.WebAssembly;
export { namespace as WebAssembly };

const { Instance, Module } = namespace ?? { __proto__: null };

const functions = {
  compile(bytes) {
    try {
      requiredArguments(arguments.length, 1, "Failed to execute 'compile' on 'WebAssembly'");
      return PromiseResolve(new Module(bytes));
    } catch (error) {
      return PromiseReject(error);
    }
  },

  instantiate(source, importObject = undefined) {
    const prefix = "Failed to execute 'instantiate' on 'WebAssembly'";
    try {
      requiredArguments(arguments.length, 1, prefix);
      if (importObject !== undefined) converters.object(importObject, prefix, 'Argument 2');
      if (ops.classOf(source) === 'WebAssembly.Module') return PromiseResolve(new Instance(source, importObject));
      return instantiateLater(new Module(source), importObject);
    } catch (error) {
      return PromiseReject(error);
    }
  },

  compileStreaming(source) {
    try {
      requiredArguments(arguments.length, 1, "Failed to execute 'compileStreaming' on 'WebAssembly'");
      return compileResponse(source);
    } catch (error) {
      return PromiseReject(error);
    }
  },

  instantiateStreaming(source, importObject = undefined) {
    const prefix = "Failed to execute 'instantiateStreaming' on 'WebAssembly'";
    try {
      requiredArguments(arguments.length, 1, prefix);
      if (importObject !== undefined) converters.object(importObject, prefix, 'Argument 2');
      return then(compileResponse(source), (module) => ({ module, instance: new Instance(module, importObject) }));
    } catch (error) {
      return PromiseReject(error);
    }
  },
};

if (namespace !== undefined) {
  define('compile');
  define('instantiate');
  define('compileStreaming');
  define('instantiateStreaming');
}

function define(name) {
  ObjectDefineProperty(namespace, name, { __proto__: null, value: functions[name], writable: true, enumerable: true, configurable: true });
}

/** The imports are looked up in a job of their own, as after a compilation. */
async function instantiateLater(module, importObject) {
  await undefined;
  return { module, instance: new Instance(module, importObject) };
}

/** "Compile a potential WebAssembly response". */
function compileResponse(source) {
  return then(PromiseResolve(source), (response) => then(readResponse(response), ({ bytes }) => new Module(bytes)));
}

const wasmType = /^[\t\n\r ]*application\/wasm[\t\n\r ]*$/i;
const noBytes = { __proto__: null, bytes: new Uint8Array(0) };

/** A promise of the body's bytes, in a box. */
function readResponse(response) {
  const { isResponse, responseParts } = lazy('./response.js');
  if (!isResponse(response)) throw new TypeError('WebAssembly streams from a Response only.');
  const { status, block, body } = responseParts(response);
  const type = headersGet(headersFromBlock(block, 'immutable'), 'content-type');
  if (type === null || RegExpPrototypeExec(wasmType, type) === null) {
    throw new TypeError(`The response's content type is ${type === null ? 'missing' : `'${type}'`}, not 'application/wasm'.`);
  }
  if (status < 200 || status > 299) throw new TypeError(`The response has status ${status}.`);
  if (body === null) return PromiseResolve(noBytes);
  if (body.unusable) throw new TypeError('The body was already read or is being read.');
  return body.readBytes();
}
