// @ts-check
/**
 * Errors as text: name, message, stack. Part of inspect.js, and bound by the same rule: no tenant code runs.
 */

import { constructorName, ownValue, stringProperty } from './inspect_object.js';
import { ifLoaded } from './lazy.js';
import {
  ArrayPrototypePush, Error, ErrorPrototypeGetStack, ObjectGetOwnPropertyDescriptor, ObjectHasOwn, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeTrim,
} from './primordials.js';

/** "Name: message" and the stack's frames, each on a line of its own; in brackets if there are none. */
export function describeError(error) {
  const header = headerOf(error);
  const own = ownValue(error, 'stack');
  if (typeof own === 'string' && own !== '') return StringPrototypeStartsWith(own, header) ? own : joinStack(header, own);
  const stack = ErrorPrototypeGetStack === undefined ? '' : ErrorPrototypeGetStack(error);
  return typeof stack === 'string' && stack !== '' ? joinStack(header, frames(stack, 0)) : `[${header}]`;
}

/** What an error carries beside its enumerable properties: flat `[name, value, …]` of `cause` and `errors`. */
export function errorExtras(error) {
  const extras = [];
  const names = ['cause', 'errors'];
  for (let i = 0; i < names.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(error, names[i]);
    if (descriptor !== undefined && !descriptor.enumerable && ObjectHasOwn(descriptor, 'value')) {
      ArrayPrototypePush(extras, names[i], descriptor.value);
    }
  }
  return extras;
}

/** The frames of whoever called the platform function that called this, without a header. */
export function currentStack() {
  const stack = ErrorPrototypeGetStack === undefined ? '' : ErrorPrototypeGetStack(new Error());
  return typeof stack === 'string' ? frames(stack, 2) : '';
}

function headerOf(error) {
  const exceptions = ifLoaded('./dom_exception.js');
  if (exceptions?.isDOMException(error)) {
    const message = exceptions.exceptionMessage(error);
    return `DOMException [${exceptions.exceptionName(error)}]${message === '' ? '' : `: ${message}`}`;
  }
  const className = constructorName(error);
  let name = stringProperty(error, 'name') ?? className ?? 'Error';
  // A subclass that did not set `name` is better known by its own.
  if (name === 'Error' && className !== null && className !== 'Object') name = className;
  const message = stringProperty(error, 'message');
  return message === undefined || message === '' ? name : `${name}: ${message}`;
}

function joinStack(header, stack) {
  return stack === '' ? `[${header}]` : `${header}\n${stack}`;
}

/** The engine's "function@file:line:column" lines, from `skip` on, as "    at function (file:line:column)". */
function frames(stack, skip) {
  let text = '';
  let start = 0;
  for (let i = 0; start < stack.length; i++) {
    let end = StringPrototypeIndexOf(stack, '\n', start);
    if (end === -1) end = stack.length;
    const line = StringPrototypeTrim(StringPrototypeSlice(stack, start, end));
    if (i >= skip && line !== '') text += `${text === '' ? '' : '\n'}    at ${frame(line)}`;
    start = end + 1;
  }
  return text;
}

function frame(line) {
  const at = StringPrototypeIndexOf(line, '@');
  if (at === -1) return line;
  const place = StringPrototypeSlice(line, at + 1);
  return at === 0 || StringPrototypeIncludes(place, ' > ') ? place : `${StringPrototypeSlice(line, 0, at)} (${place})`;
}
