// @ts-check
/**
 * Headers of the Fetch Standard (https://fetch.spec.whatwg.org/#headers-class).
 *
 * Where we differ: no name is forbidden, because this is a server; of the guards only "immutable" has
 * an effect, as WinterTC's Minimum Common Web API wants. Names are kept in lower case.
 *
 * Header fields cross the wall as one block, `"name\nvalue\nname\nvalue\n"`. A Headers keeps such a
 * block unparsed until someone touches it. Nothing enters a Headers from tenant code but through
 * `toName` and `toValue`: they are what stops a tenant from splitting fields.
 */

import { lazy } from './lazy.js';
import {
  ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeSlice,
  StringPrototypeSplit, StringPrototypeToLowerCase, SymbolIterator, TypeError,
} from './primordials.js';
import {
  configureInterface, conversionError, converters, createRecordConverter, createSequenceConverter, privateToken, requiredArguments, setIterable,
} from './webidl.js';

/** A Headers over a block whose names are lower case and whose fields are valid. */
export let headersFromBlock;
/** The fields as a block: the one it was made from if nobody changed them. */
export let headersToBlock;
/** The combined value of the field `lowerName`, or null. */
export let headersGet;
/** Adds a field unless one of its name is there. Name and value come from the platform and are valid. */
export let headersSetIfAbsent;
/** Removes the field `lowerName`. */
export let headersRemove;
/** The conversion to HeadersInit (a Headers, pairs, or a record) from tenant code, for `fillHeaders`. */
export let toHeadersInit;
/** "Fill": adds the fields of what `toHeadersInit` gave. Runs no code of a tenant. */
export let fillHeaders;
/** "Guard" of a Headers. */
export let headersGuard;
let isHeaders;
let sortAndCombine;

export class Headers {
  /** The unparsed fields; undefined once they are in `#list`. */
  #block = '';
  /** Flat: lower-case name, value, name, value, … in order of arrival. */
  #list = undefined;
  /** The result of "sort and combine", until the next change. */
  #sorted = undefined;
  #guard = 'none';

  constructor(init = undefined) {
    if (init !== undefined && init !== privateToken) fillHeaders(this, toHeadersInit(init, "Failed to construct 'Headers'"), "Failed to construct 'Headers'");
  }

  append(name, value) {
    const prefix = "Failed to execute 'append' on 'Headers'";
    const list = this.#fields();
    requiredArguments(arguments.length, 2, prefix);
    // What is neither is converted, in this order, before either is judged.
    const token = lowerToken(name);
    const plain = isPlain(value);
    if (token === undefined) name = converters.ByteString(name, prefix, 'Argument 1');
    if (!plain) value = converters.ByteString(value, prefix, 'Argument 2');
    name = token ?? toName(name, prefix);
    if (!plain) value = toValue(value, prefix);
    this.#willChange(prefix);
    ArrayPrototypePush(list, name, value);
  }

  delete(name) {
    const prefix = "Failed to execute 'delete' on 'Headers'";
    this.#fields();
    requiredArguments(arguments.length, 1, prefix);
    name = nameArgument(name, prefix);
    this.#willChange(prefix);
    this.#remove(name, 0);
  }

  get(name) {
    const prefix = "Failed to execute 'get' on 'Headers'";
    this.#guard;
    requiredArguments(arguments.length, 1, prefix);
    return headersGet(this, nameArgument(name, prefix));
  }

  getSetCookie() {
    const list = this.#fields();
    const values = [];
    for (let i = 0; i < list.length; i += 2) if (list[i] === 'set-cookie') ArrayPrototypePush(values, list[i + 1]);
    return values;
  }

  has(name) {
    const prefix = "Failed to execute 'has' on 'Headers'";
    const list = this.#fields();
    requiredArguments(arguments.length, 1, prefix);
    name = nameArgument(name, prefix);
    return indexOfName(list, name) !== -1;
  }

  set(name, value) {
    const prefix = "Failed to execute 'set' on 'Headers'";
    const list = this.#fields();
    requiredArguments(arguments.length, 2, prefix);
    // What is neither is converted, in this order, before either is judged.
    const token = lowerToken(name);
    const plain = isPlain(value);
    if (token === undefined) name = converters.ByteString(name, prefix, 'Argument 1');
    if (!plain) value = converters.ByteString(value, prefix, 'Argument 2');
    name = token ?? toName(name, prefix);
    if (!plain) value = toValue(value, prefix);
    this.#willChange(prefix);
    const index = indexOfName(list, name);
    if (index === -1) {
      ArrayPrototypePush(list, name, value);
    } else {
      list[index + 1] = value;
      this.#remove(name, index + 2);
    }
  }

  #fields() {
    if (this.#list === undefined) {
      this.#list = parseBlock(this.#block);
      this.#block = undefined;
    }
    return this.#list;
  }

  #willChange(prefix) {
    if (this.#guard === 'immutable') throw new TypeError(`${prefix}: Headers are immutable.`);
    this.#sorted = undefined;
  }

  #remove(name, start) {
    const list = this.#list;
    let kept = start;
    for (let i = start; i < list.length; i += 2) {
      if (list[i] === name) continue;
      list[kept] = list[i];
      list[kept + 1] = list[i + 1];
      kept += 2;
    }
    list.length = kept;
  }

  static {
    isHeaders = (value) => typeof value === 'object' && value !== null && #guard in value;

    headersFromBlock = (block, guard) => {
      const headers = new Headers(privateToken);
      headers.#block = block;
      headers.#guard = guard;
      return headers;
    };

    headersRemove = (headers, lowerName) => {
      if (headersGet(headers, lowerName) === null) return;
      headers.#fields();
      headers.#remove(lowerName, 0);
    };

    headersToBlock = (headers) => {
      if (headers.#list === undefined) return headers.#block;
      const list = headers.#list;
      let block = '';
      for (let i = 0; i < list.length; i += 2) block += `${list[i]}\n${list[i + 1]}\n`;
      return block;
    };

    const headersEmpty = (headers) => (headers.#list === undefined ? headers.#block === '' : headers.#list.length === 0);

    headersGet = (headers, lowerName) => {
      if (headers.#block === '') return null;
      const list = headers.#fields();
      let combined = null;
      for (let i = 0; i < list.length; i += 2) {
        if (list[i] === lowerName) combined = combined === null ? list[i + 1] : `${combined}, ${list[i + 1]}`;
      }
      return combined;
    };

    headersSetIfAbsent = (headers, lowerName, value) => {
      if (headers.#block === '') {
        headers.#block = `${lowerName}\n${value}\n`;
        headers.#sorted = undefined;
        return;
      }
      const list = headers.#fields();
      if (indexOfName(list, lowerName) !== -1) return;
      headers.#sorted = undefined;
      ArrayPrototypePush(list, lowerName, value);
    };

    headersGuard = (headers) => headers.#guard;

    toHeadersInit = (init, prefix) => {
      if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
        throw conversionError('is not a Headers, a sequence of pairs or a record.', prefix, 'The headers init');
      }
      const iterator = init[SymbolIterator];
      // Combined or not, fields of another Headers look the same in the new one: a block that is valid.
      if (iterator === originalIterator && isHeaders(init)) return init.#list === undefined ? init.#block : copyOf(init.#list);
      if (iterator !== undefined && iterator !== null) return toPairs(init, prefix, 'The headers init', { __proto__: null, iterator });
      const before = conversions;
      const list = toRecord(init, prefix, 'The headers init');
      if (conversions === before) judged = list;
      return list;
    };

    fillHeaders = (headers, converted, prefix) => {
      headers.#willChange(prefix);
      if (typeof converted === 'string') {
        if (!headersEmpty(headers)) {
          addFields(headers, parseBlock(converted));
        } else {
          headers.#block = converted;
          headers.#list = undefined;
        }
        return;
      }
      if (converted === judged) {
        judged = undefined;
        addFields(headers, converted);
        return;
      }
      const added = converted.length > 0 && typeof converted[0] !== 'string' ? flatten(converted, prefix) : converted;
      for (let i = 0; i < added.length; i += 2) {
        added[i] = toName(added[i], prefix);
        added[i + 1] = toValue(added[i + 1], prefix);
      }
      addFields(headers, added);
    };

    /** `added` becomes part of `headers`; the caller gives it away. */
    const addFields = (headers, added) => {
      if (headersEmpty(headers)) {
        headers.#list = added;
        headers.#block = undefined;
        return;
      }
      const list = headers.#fields();
      for (let i = 0; i < added.length; i++) ArrayPrototypePush(list, added[i]);
    };

    sortAndCombine = (headers) => {
      const list = headers.#fields();
      return (headers.#sorted ??= sortedAndCombined(list));
    };
  }
}

configureInterface(Headers, { length: 0 });
setIterable(Headers, 'Headers', (headers) => sortAndCombine(headers));
const originalIterator = Headers.prototype[SymbolIterator];

/** A new Headers without fields. Guards: 'none', 'request', 'request-no-cors', 'response', 'immutable'. */
export function createHeaders(guard) {
  return headersFromBlock('', guard);
}

/** A ByteString that is a field's value as it stands has none of these: most values do not, and are looked at once. */
const notPlain = /[^ -~]|^ | $/;
const isPlain = (value) => typeof value === 'string' && RegExpPrototypeExec(notPlain, value) === null;

/** How often a member of a record had to be converted, or has to be judged: what other records add meanwhile does no harm. */
let conversions = 0;
/** The last list of which nothing had to, until it is used: its names and values are as they are to be. */
let judged;

/** The conversions to ByteString of what is to be a name, or a value. */
function toNameString(name, prefix, context) {
  if (isKnownName(name)) return name;
  conversions++;
  return converters.ByteString(name, prefix, context);
}

function toValueString(value, prefix, context) {
  if (isPlain(value)) return value;
  conversions++;
  return converters.ByteString(value, prefix, context);
}

const toRecord = createRecordConverter(toNameString, toValueString);
const toPairs = createSequenceConverter(createSequenceConverter(converters.ByteString));

const notToken = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const breaksField = /[\0\n\r]/;

/** Names that most applications use: known to be tokens in lower case. Made when a tenant first gives a name. */
let knownNames;

function isKnownName(name) {
  knownNames ??= {
    __proto__: null,
    accept: true, 'accept-encoding': true, 'accept-language': true, 'access-control-allow-headers': true,
    'access-control-allow-methods': true, 'access-control-allow-origin': true, age: true, allow: true, authorization: true,
    'cache-control': true, 'content-disposition': true, 'content-encoding': true, 'content-language': true, 'content-length': true,
    'content-security-policy': true, 'content-type': true, cookie: true, date: true, etag: true, expires: true, host: true,
    'if-modified-since': true, 'if-none-match': true, 'last-modified': true, link: true, location: true, origin: true, range: true,
    referer: true, 'referrer-policy': true, 'retry-after': true, server: true, 'server-timing': true, 'set-cookie': true,
    'strict-transport-security': true, 'transfer-encoding': true, 'user-agent': true, vary: true, 'www-authenticate': true,
    'x-content-type-options': true, 'x-forwarded-for': true, 'x-forwarded-proto': true, 'x-request-id': true,
  };
  return typeof name === 'string' && knownNames[name] === true;
}

/** A name in lower case that is a token, and needs no conversion; else undefined. */
function lowerToken(name) {
  if (isKnownName(name)) return name;
  if (typeof name !== 'string' || name === '' || RegExpPrototypeExec(notToken, name) !== null) return undefined;
  return StringPrototypeToLowerCase(name);
}

/** The name that is the only argument of a method. */
function nameArgument(name, prefix) {
  return lowerToken(name) ?? toName(converters.ByteString(name, prefix, 'Argument 1'), prefix);
}

/** A header name in lower case; a TypeError for anything but a token. */
function toName(name, prefix) {
  if (isKnownName(name)) return name;
  if (name === '' || RegExpPrototypeExec(notToken, name) !== null) throw new TypeError(`${prefix}: Invalid header name.`);
  return StringPrototypeToLowerCase(name);
}

/** "Normalize": a header value without surrounding whitespace; a TypeError if it has NUL, CR or LF. */
function toValue(value, prefix) {
  if (RegExpPrototypeExec(notPlain, value) === null) return value;
  let start = 0;
  let end = value.length;
  while (start < end && isHTTPWhitespace(StringPrototypeCharCodeAt(value, start))) start++;
  while (end > start && isHTTPWhitespace(StringPrototypeCharCodeAt(value, end - 1))) end--;
  if (end - start !== value.length) value = StringPrototypeSlice(value, start, end);
  if (RegExpPrototypeExec(breaksField, value) !== null) throw new TypeError(`${prefix}: Invalid header value.`);
  return value;
}

function isHTTPWhitespace(unit) {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

function flatten(pairs, prefix) {
  const flat = [];
  for (let i = 0; i < pairs.length; i++) {
    if (pairs[i].length !== 2) throw conversionError('has an element that is not a pair of name and value.', prefix, 'The headers init');
    ArrayPrototypePush(flat, pairs[i][0], pairs[i][1]);
  }
  return flat;
}

function parseBlock(block) {
  const list = StringPrototypeSplit(block, '\n');
  // After the last newline comes an empty rest, and a name has a value: an even number remains.
  list.length -= list.length % 2 === 0 ? 2 : 1;
  return list;
}

function indexOfName(list, name) {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return i;
  return -1;
}

function copyOf(list) {
  const copy = [];
  for (let i = 0; i < list.length; i++) ArrayPrototypePush(copy, list[i]);
  return copy;
}

/** "Sort and combine": a flat array; every set-cookie stays on its own. */
function sortedAndCombined(list) {
  const sorted = copyOf(list);
  lazy('./pairs.js').sortPairs(sorted);
  let end = 0;
  for (let i = 0; i < sorted.length; i += 2) {
    const name = sorted[i];
    if (end > 0 && sorted[end - 2] === name && name !== 'set-cookie') {
      sorted[end - 1] = `${sorted[end - 1]}, ${sorted[i + 1]}`;
      continue;
    }
    sorted[end] = name;
    sorted[end + 1] = sorted[i + 1];
    end += 2;
  }
  sorted.length = end;
  return sorted;
}
