// @ts-check
/** `MIMEType` (https://nodejs.org/docs/latest-v20.x/api/util.html#class-utilmimetype), which parses as https://mimesniff.spec.whatwg.org/#parsing-a-mime-type says. */

import {
  ArrayPrototypePush, Map, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
  RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase, SymbolIterator,
} from '../primordials.js';
import { JSONStringify } from '../primordials/json.js';
import { typeError } from './errors.js';

const notToken = /[^!#$%&'*+\-.^_`|~A-Za-z0-9]/;
const notQuoted = /[^\t\u0020-~\u0080-\u00FF]/;
const needsQuotes = /["\\]/;
const endSpace = /[\r\n\t ]*$/;
const startSpace = /^[\r\n\t ]*/;

function invalid(kind, text, position) {
  const at = position === -1 ? '' : ` at ${position}`;
  return typeError('ERR_INVALID_MIME_SYNTAX', `The MIME syntax for a ${kind} in ${JSONStringify(text)} is invalid${at}`);
}

const trimEnd = (text) => StringPrototypeSlice(text, 0, RegExpPrototypeExec(endSpace, text).index);
const trimStart = (text) => StringPrototypeSlice(text, RegExpPrototypeExec(startSpace, text)[0].length);
const isToken = (text) => text !== '' && RegExpPrototypeExec(notToken, text) === null;

function part(text, kind, whole) {
  const wrong = RegExpPrototypeExec(notToken, text);
  if (text === '' || wrong !== null) throw invalid(kind, whole, wrong === null ? 0 : wrong.index);
  return StringPrototypeToLowerCase(text);
}

export class MIMEParams {
  #data = new Map();

  delete(name) {
    MapPrototypeDelete(this.#data, `${name}`);
  }

  get(name) {
    return MapPrototypeGet(this.#data, `${name}`) ?? null;
  }

  has(name) {
    return MapPrototypeHas(this.#data, `${name}`);
  }

  set(name, value) {
    name = `${name}`;
    value = `${value}`;
    if (!isToken(name)) throw invalid('parameter name', name, RegExpPrototypeExec(notToken, name)?.index ?? -1);
    const wrong = RegExpPrototypeExec(notQuoted, value);
    if (wrong !== null) throw invalid('parameter value', value, wrong.index);
    MapPrototypeSet(this.#data, name, value);
  }

  #list(pick) {
    const items = [];
    MapPrototypeForEach(this.#data, (value, key) => ArrayPrototypePush(items, pick(key, value)));
    return items;
  }

  *entries() {
    const items = this.#list((key, value) => [key, value]);
    for (let i = 0; i < items.length; i++) yield items[i];
  }

  *keys() {
    const items = this.#list((key) => key);
    for (let i = 0; i < items.length; i++) yield items[i];
  }

  *values() {
    const items = this.#list((_key, value) => value);
    for (let i = 0; i < items.length; i++) yield items[i];
  }

  [SymbolIterator]() {
    return this.entries();
  }

  toString() {
    let text = '';
    MapPrototypeForEach(this.#data, (value, key) => {
      text += `${text === '' ? '' : ';'}${key}=${isToken(value) ? value : `"${escapeQuotes(value)}"`}`;
    });
    return text;
  }

  toJSON() {
    return this.toString();
  }
}

function escapeQuotes(value) {
  let text = '';
  for (let i = 0; i < value.length; i++) text += RegExpPrototypeExec(needsQuotes, value[i]) === null ? value[i] : `\\${value[i]}`;
  return text;
}

/** Fills `params` from what follows the first semicolon. */
function parseParameters(text, params) {
  while (text !== '') {
    text = trimStart(text);
    let end = 0;
    while (end < text.length && text[end] !== ';' && text[end] !== '=') end++;
    const name = StringPrototypeToLowerCase(StringPrototypeSlice(text, 0, end));
    if (end === text.length || text[end] === ';') {
      text = StringPrototypeSlice(text, end + 1);
      continue;
    }
    text = StringPrototypeSlice(text, end + 1);
    let value = '';
    if (text[0] === '"') {
      let i = 1;
      for (; i < text.length && text[i] !== '"'; i++) {
        if (text[i] === '\\' && i + 1 < text.length) i++;
        value += text[i];
      }
      const next = StringPrototypeIndexOf(text, ';', i);
      text = next === -1 ? '' : StringPrototypeSlice(text, next + 1);
    } else {
      const next = StringPrototypeIndexOf(text, ';');
      value = trimEnd(next === -1 ? text : StringPrototypeSlice(text, 0, next));
      text = next === -1 ? '' : StringPrototypeSlice(text, next + 1);
      if (value === '') continue;
    }
    if (isToken(name) && RegExpPrototypeExec(notQuoted, value) === null && !params.has(name)) params.set(name, value);
  }
}

export class MIMEType {
  #type;
  #subtype;
  #parameters = new MIMEParams();

  constructor(input) {
    const text = trimStart(`${input}`);
    const slash = StringPrototypeIndexOf(text, '/');
    if (slash === -1) throw invalid('type', text, -1);
    this.#type = part(StringPrototypeSlice(text, 0, slash), 'type', text);
    const semicolon = StringPrototypeIndexOf(text, ';', slash);
    const subtype = trimEnd(semicolon === -1 ? StringPrototypeSlice(text, slash + 1) : StringPrototypeSlice(text, slash + 1, semicolon));
    this.#subtype = part(subtype, 'subtype', text);
    if (semicolon !== -1) parseParameters(StringPrototypeSlice(text, semicolon + 1), this.#parameters);
  }

  get type() {
    return this.#type;
  }

  set type(value) {
    this.#type = part(`${value}`, 'type', `${value}`);
  }

  get subtype() {
    return this.#subtype;
  }

  set subtype(value) {
    this.#subtype = part(`${value}`, 'subtype', `${value}`);
  }

  get essence() {
    return `${this.#type}/${this.#subtype}`;
  }

  get params() {
    return this.#parameters;
  }

  toString() {
    const parameters = this.#parameters.toString();
    return `${this.#type}/${this.#subtype}${parameters === '' ? '' : `;${parameters}`}`;
  }

  toJSON() {
    return this.toString();
  }
}
