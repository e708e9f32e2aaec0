// @ts-check
/**
 * Functions and event handlers of WindowOrWorkerGlobalScope and GlobalEventHandlers
 * (https://html.spec.whatwg.org/multipage/webappapis.html#windoworworkerglobalscope-mixin).
 */

import { defineEventHandler, reportException } from './event.js';
import { converters, requiredArguments } from './webidl.js';

export function queueMicrotask(callback) {
  const prefix = "Failed to execute 'queueMicrotask'";
  requiredArguments(arguments.length, 1, prefix);
  runInMicrotask(converters.Function(callback, prefix, 'Argument 1'));
}

export function reportError(error) {
  requiredArguments(arguments.length, 1, "Failed to execute 'reportError'");
  reportException(error);
}

/** Gives the global object its `on…` attributes. */
export function defineGlobalEventHandlers(global) {
  defineEventHandler(global, 'error');
  defineEventHandler(global, 'rejectionhandled');
  defineEventHandler(global, 'unhandledrejection');
}

/** An await of no promise reads no property that a tenant could have replaced. */
async function runInMicrotask(callback) {
  await undefined;
  try {
    callback();
  } catch (error) {
    reportException(error);
  }
}
