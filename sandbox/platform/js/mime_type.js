// @ts-check
/** MIME types (https://mimesniff.spec.whatwg.org/#parsing-a-mime-type), and which one a Content-Type means. */

import {
  ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
} from './primordials.js';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const quotedStringCharacters = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * "Extract a MIME type" from the combined value of Content-Type fields; undefined for failure.
 * @param {string | null} value
 * @returns {{ essence: string, parameters: string[] } | undefined} parameters as a flat array of names and values
 */
export function extractMIMEType(value) {
  if (value === null) return undefined;
  let charset;
  let essence;
  let result;
  for (let position = 0; position <= value.length; ) {
    const end = endOfListItem(value, position);
    const type = parseMIMEType(StringPrototypeSlice(value, position, end));
    position = end + 1;
    if (type === undefined || type.essence === '*/*') continue;
    result = type;
    const given = parameter(type, 'charset');
    if (type.essence !== essence) {
      charset = given;
      essence = type.essence;
    } else if (given === undefined && charset !== undefined) {
      ArrayPrototypePush(type.parameters, 'charset', charset);
    }
  }
  return result;
}

/** The value of a parameter, or undefined. */
export function parameter({ parameters }, name) {
  const index = indexOfName(parameters, name);
  return index < 0 ? undefined : parameters[index + 1];
}

/** "Serialize a MIME type". */
export function serializeMIMEType({ essence, parameters }) {
  let text = essence;
  for (let i = 0; i < parameters.length; i += 2) {
    const value = parameters[i + 1];
    text += `;${parameters[i]}=${RegExpPrototypeExec(token, value) === null ? quote(value) : value}`;
  }
  return text;
}

/** "Parse a MIME type"; undefined for failure. */
function parseMIMEType(input) {
  const text = trim(input, 0, input.length);
  const slash = StringPrototypeIndexOf(text, '/');
  if (slash < 0) return undefined;
  const semicolon = StringPrototypeIndexOf(text, ';', slash);
  const type = StringPrototypeSlice(text, 0, slash);
  let end = semicolon < 0 ? text.length : semicolon;
  while (isSpace(text[end - 1])) end--;
  const subtype = StringPrototypeSlice(text, slash + 1, end);
  if (RegExpPrototypeExec(token, type) === null || RegExpPrototypeExec(token, subtype) === null) return undefined;
  const result = { essence: StringPrototypeToLowerCase(`${type}/${subtype}`), parameters: [] };
  if (semicolon >= 0) parseParameters(text, semicolon + 1, result.parameters);
  return result;
}

function parseParameters(text, position, parameters) {
  while (position < text.length) {
    while (isSpace(text[position])) position++;
    let end = position;
    while (end < text.length && text[end] !== ';' && text[end] !== '=') end++;
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(text, position, end));
    position = end + 1;
    if (end >= text.length || text[end] === ';') continue;
    let value;
    if (text[position] === '"') {
      const quoted = unquote(text, position);
      value = quoted.value;
      position = quoted.end;
      while (position < text.length && text[position] !== ';') position++;
    } else {
      const start = position;
      while (position < text.length && text[position] !== ';') position++;
      value = trim(text, start, position);
    }
    position++;
    // An empty value without quotes counts as none.
    if (value === '' && text[end + 1] !== '"') continue;
    if (RegExpPrototypeExec(token, name) !== null && RegExpPrototypeExec(quotedStringCharacters, value) !== null && indexOfName(parameters, name) < 0) {
      ArrayPrototypePush(parameters, name, value);
    }
  }
}

/** "Collect an HTTP quoted string": its value and the position after it. */
function unquote(text, position) {
  let value = '';
  for (position++; position < text.length && text[position] !== '"'; position++) {
    if (text[position] === '\\' && position + 1 < text.length) position++;
    value += text[position];
  }
  return { value, end: position + 1 };
}

function quote(value) {
  let text = '"';
  for (let i = 0; i < value.length; i++) text += value[i] === '"' || value[i] === '\\' ? `\\${value[i]}` : value[i];
  return `${text}"`;
}

/** The comma after the item of a list that begins at `position`; commas in quotes are none. */
function endOfListItem(value, position) {
  while (position < value.length && value[position] !== ',') position = value[position] === '"' ? unquote(value, position).end : position + 1;
  return position < value.length ? position : value.length;
}

function indexOfName(parameters, name) {
  for (let i = 0; i < parameters.length; i += 2) if (parameters[i] === name) return i;
  return -1;
}

const isSpace = (character) => character === ' ' || character === '\t' || character === '\n' || character === '\r';

function trim(text, start, end) {
  while (start < end && isSpace(text[start])) start++;
  while (start < end && isSpace(text[end - 1])) end--;
  return StringPrototypeSlice(text, start, end);
}
