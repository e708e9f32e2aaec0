// @ts-check
/** The errors of streams by name (https://nodejs.org/docs/latest-v20.x/api/errors.html). */

import { lazy } from '../lazy.js';
import { plainError, typeError } from './errors.js';

export const methodNotImplemented = (name) => plainError('ERR_METHOD_NOT_IMPLEMENTED', `The ${name} method is not implemented`);
export const multipleCallback = () => plainError('ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');
export const pushAfterEof = () => plainError('ERR_STREAM_PUSH_AFTER_EOF', 'stream.push() after EOF');
export const unshiftAfterEnd = () => plainError('ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'stream.unshift() after end event');
export const writeAfterEnd = () => plainError('ERR_STREAM_WRITE_AFTER_END', 'write after end');
export const alreadyFinished = (name) => plainError('ERR_STREAM_ALREADY_FINISHED', `Cannot call ${name} after a stream was finished`);
export const streamDestroyed = (name) => plainError('ERR_STREAM_DESTROYED', `Cannot call ${name} after a stream was destroyed`);
export const cannotPipe = () => plainError('ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable');
export const nullValues = () => typeError('ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
export const prematureClose = () => plainError('ERR_STREAM_PREMATURE_CLOSE', 'Premature close');
export const invalidReturn = (input, name, value) => {
  const shown = typeof value === 'object' && value?.constructor?.name ? `an instance of ${value.constructor.name}` : `type ${typeof value} (${lazy('./node/inspect.js').inspect(value)})`;
  return typeError('ERR_INVALID_RETURN_VALUE', `Expected ${input} to be returned from the "${name}" function but got ${shown}.`);
};
