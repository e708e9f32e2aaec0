// @ts-check
/**
 * The events of `process` that tell of errors nobody has caught
 * (https://nodejs.org/docs/latest-v20.x/api/process.html#event-uncaughtexception). Loaded when there is one, and
 * something has used `process`.
 */

import { ops } from '../ops.js';
import { ReflectApply, String } from '../primordials.js';
import { invalidArgType, isErrorLike, plainError } from './errors.js';
import { process } from './process.js';

let capture = null;

export function setUncaughtExceptionCaptureCallback(fn) {
  if (fn !== null && typeof fn !== 'function') throw invalidArgType('fn', ['Function', 'null'], fn);
  if (fn !== null && capture !== null) {
    throw plainError('ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET', '`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active');
  }
  capture = fn;
}

export function hasUncaughtExceptionCaptureCallback() {
  return capture !== null;
}

/** Tells of an exception. Returns whether somebody has taken care of it. */
export function emitException(error) {
  return guarded(() => emitUncaught(error, 'uncaughtException'));
}

/** Tells of a rejection. Returns whether somebody has taken care of it. */
export function emitRejection(reason, promise) {
  return guarded(() => process.emit('unhandledRejection', reason, promise) || emitUncaught(asError(reason), 'unhandledRejection'));
}

/** Tells that a rejection has got a handler after all. */
export function emitLateHandler(promise) {
  guarded(() => process.emit('rejectionHandled', promise));
}

function emitUncaught(error, origin) {
  process.emit('uncaughtExceptionMonitor', error, origin);
  if (capture === null) return process.emit('uncaughtException', error, origin);
  ReflectApply(capture, undefined, [error]);
  return true;
}

function asError(reason) {
  if (isErrorLike(reason)) return reason;
  const shown = isObject(reason) ? `#<${reason.constructor?.name ?? 'Object'}>` : String(reason);
  const error = plainError(
    'ERR_UNHANDLED_REJECTION',
    'This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). ' +
      `The promise rejected with the reason "${shown}".`,
  );
  error.name = 'UnhandledPromiseRejection';
  return error;
}

const isObject = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null);

/** What a listener throws goes to the log beside what it was told of. */
function guarded(emit) {
  try {
    return emit();
  } catch (thrown) {
    ops.reportException(thrown);
    return false;
  }
}
