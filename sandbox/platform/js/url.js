// @ts-check
/**
 * URL and URLSearchParams of the URL Standard (https://url.spec.whatwg.org/#api). Parsing happens in
 * native code, which returns the serialized URL and where its components begin.
 */

import { ops } from './ops.js';
import { sortPairs } from './pairs.js';
import {
  ArrayPrototypePush, ReflectApply, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToWellFormed, SymbolIterator, TypeError,
} from './primordials.js';
import { Uint32Array } from './primordials/buffers.js';
import { configureInterface, conversionError, converters, createRecordConverter, createSequenceConverter, privateToken, requiredArguments, setIterable } from './webidl.js';

// Places in the offsets that `ops.urlParse` and `ops.urlSet` fill.
const PROTOCOL_END = 0;
const USERNAME_END = 1;
const HOST_START = 2;
const HOST_END = 3;
const PORT = 4;
const PATHNAME_START = 5;
const SEARCH_START = 6;
const HASH_START = 7;
const OMITTED = 0xffffffff;

// Setters of `ops.urlSet`.
const HREF = 0;
const PROTOCOL = 1;
export const USERNAME = 2;
export const PASSWORD = 3;
const HOST = 4;
export const HOSTNAME = 5;
export const PORT_NUMBER = 6;
export const PATHNAME = 7;
export const SEARCH = 8;
export const HASH = 9;

const toUSVString = converters.USVString;
/** For what goes to an op alone, which itself puts U+FFFD in the place of what is no character. */
const toTextForOp = converters.DOMString;

/** Whether `value` is a URL. */
export let isURL;

/** The parts of a URL given as text, an object without prototype; undefined if it is not valid. */
export let urlParts;
/** The parts after a setter (one of the constants above) has had its way; undefined when it refused. */
export let urlPartsAfter;

/** Whether `value` is a URLSearchParams. */
export let isURLSearchParams;
/** Its pairs as a flat array; not to be modified. */
export let urlSearchParamsList;

let setURLOf;
let replaceList;
let searchParamsChanged;
let serializeParams;

export class URL {
  #href;
  #offsets = new Uint32Array(8);
  #searchParams = undefined;
  /** Whether `#searchParams` has changed and the query is still to follow. */
  #behind = false;

  constructor(url, base = undefined) {
    const prefix = "Failed to construct 'URL'";
    if (url === privateToken) return;
    requiredArguments(arguments.length, 1, prefix);
    url = toTextForOp(url, prefix, 'Argument 1');
    if (base !== undefined) base = toTextForOp(base, prefix, 'Argument 2');
    const href = ops.urlParse(url, base, this.#offsets);
    if (href === undefined) throw invalidURL(url, base, prefix);
    this.#href = href;
  }

  static parse(url, base = undefined) {
    const prefix = "Failed to execute 'parse' on 'URL'";
    requiredArguments(arguments.length, 1, prefix);
    url = toTextForOp(url, prefix, 'Argument 1');
    if (base !== undefined) base = toTextForOp(base, prefix, 'Argument 2');
    return URL.#parse(url, base);
  }

  static #parse(url, base) {
    const result = new URL(privateToken);
    const href = ops.urlParse(url, base, result.#offsets);
    if (href === undefined) return null;
    result.#href = href;
    return result;
  }

  static canParse(url, base = undefined) {
    const prefix = "Failed to execute 'canParse' on 'URL'";
    requiredArguments(arguments.length, 1, prefix);
    url = toTextForOp(url, prefix, 'Argument 1');
    if (base !== undefined) base = toTextForOp(base, prefix, 'Argument 2');
    return ops.urlParse(url, base, scratch) !== undefined;
  }

  get href() {
    return this.#currentHref();
  }

  set href(value) {
    const prefix = "Failed to set the 'href' property on 'URL'";
    value = toTextForOp(value, prefix, 'The value');
    if (!this.#set(HREF, value)) throw invalidURL(value, undefined, prefix);
    this.#refreshSearchParams();
  }

  get origin() {
    return this.#origin();
  }

  #origin() {
    const protocol = this.#protocol();
    switch (protocol) {
      case 'http:':
      case 'https:':
      case 'ws:':
      case 'wss:':
      case 'ftp:':
        return `${protocol}//${this.#host()}`;
      case 'blob:': {
        const inner = URL.#parse(this.#pathname(), undefined);
        return inner !== null && (inner.#protocol() === 'http:' || inner.#protocol() === 'https:') ? inner.#origin() : 'null';
      }
      default:
        return 'null';
    }
  }

  get protocol() {
    return this.#protocol();
  }

  #protocol() {
    return this.#slice(0, this.#offsets[PROTOCOL_END]);
  }

  set protocol(value) {
    this.#set(PROTOCOL, toTextForOp(value));
  }

  get username() {
    return this.#username();
  }

  #username() {
    const offsets = this.#offsets;
    const start = offsets[PROTOCOL_END] + 2;
    return start < offsets[USERNAME_END] ? this.#slice(start, offsets[USERNAME_END]) : '';
  }

  set username(value) {
    this.#set(USERNAME, toTextForOp(value));
  }

  get password() {
    return this.#password();
  }

  #password() {
    const offsets = this.#offsets;
    return offsets[HOST_START] > offsets[USERNAME_END] ? this.#slice(offsets[USERNAME_END] + 1, offsets[HOST_START]) : '';
  }

  set password(value) {
    this.#set(PASSWORD, toTextForOp(value));
  }

  get host() {
    return this.#host();
  }

  #host() {
    const start = this.#hostStart();
    // Without a host, "/." may stand between it and the path.
    return start === this.#offsets[HOST_END] ? '' : this.#slice(start, this.#offsets[PATHNAME_START]);
  }

  set host(value) {
    this.#set(HOST, toTextForOp(value));
  }

  get hostname() {
    return this.#hostname();
  }

  #hostname() {
    return this.#slice(this.#hostStart(), this.#offsets[HOST_END]);
  }

  set hostname(value) {
    this.#set(HOSTNAME, toTextForOp(value));
  }

  get port() {
    return this.#port();
  }

  #port() {
    const port = this.#offsets[PORT];
    return port === OMITTED ? '' : `${port}`;
  }

  set port(value) {
    this.#set(PORT_NUMBER, toTextForOp(value));
  }

  get pathname() {
    return this.#pathname();
  }

  /** A query that goes away may take spaces at the end of an opaque path with it. */
  #pathname() {
    this.#catchUp();
    const offsets = this.#offsets;
    const end = offsets[SEARCH_START] !== OMITTED ? offsets[SEARCH_START] : offsets[HASH_START];
    return this.#slice(offsets[PATHNAME_START], end);
  }

  set pathname(value) {
    this.#set(PATHNAME, toTextForOp(value));
  }

  get search() {
    return this.#search();
  }

  #search() {
    this.#catchUp();
    const start = this.#offsets[SEARCH_START];
    if (start === OMITTED) return '';
    const search = this.#slice(start, this.#offsets[HASH_START]);
    return search.length === 1 ? '' : search;
  }

  set search(value) {
    this.#set(SEARCH, toTextForOp(value));
    this.#refreshSearchParams();
  }

  get searchParams() {
    if (this.#searchParams === undefined) {
      this.#searchParams = new URLSearchParams(this.#search());
      setURLOf(this.#searchParams, this);
    }
    return this.#searchParams;
  }

  get hash() {
    this.#catchUp();
    const start = this.#offsets[HASH_START];
    if (start === OMITTED) return '';
    const hash = this.#slice(start, OMITTED);
    return hash.length === 1 ? '' : hash;
  }

  set hash(value) {
    this.#set(HASH, toTextForOp(value));
  }

  toJSON() {
    return this.#currentHref();
  }

  toString() {
    return this.#currentHref();
  }

  #currentHref() {
    this.#catchUp();
    return this.#href;
  }

  /** "Update" of URLSearchParams, put off until somebody looks: a query that is built in many steps is serialized once. */
  #catchUp() {
    if (!this.#behind) return;
    this.#behind = false;
    this.#set(SEARCH, serializeParams(this.#searchParams));
  }

  #slice(start, end) {
    return end === OMITTED ? StringPrototypeSlice(this.#href, start) : StringPrototypeSlice(this.#href, start, end);
  }

  /** `host_start` is at the "@" when there are credentials. */
  #hostStart() {
    const start = this.#offsets[HOST_START];
    return start < this.#offsets[HOST_END] && StringPrototypeCharCodeAt(this.#href, start) === 0x40 ? start + 1 : start;
  }

  #set(which, value) {
    this.#catchUp();
    const href = ops.urlSet(this.#href, which, value, scratch);
    if (href === undefined) return false;
    this.#href = href;
    const offsets = this.#offsets;
    for (let i = 0; i < 8; i++) offsets[i] = scratch[i];
    return true;
  }

  /** What the getters return, and a query or fragment without its mark. */
  #parts() {
    this.#catchUp();
    const offsets = this.#offsets;
    const { length } = this.#href;
    return {
      __proto__: null,
      href: this.#href,
      protocol: this.#slice(0, offsets[PROTOCOL_END] - 1),
      username: this.#username(),
      password: this.#password(),
      hostname: this.#hostname(),
      port: this.#port(),
      pathname: this.#pathname(),
      search: offsets[SEARCH_START] === OMITTED ? '' : this.#slice(offsets[SEARCH_START] + 1, offsets[HASH_START]),
      hash: offsets[HASH_START] === OMITTED ? '' : this.#slice(offsets[HASH_START] + 1, length),
    };
  }

  #refreshSearchParams() {
    if (this.#searchParams !== undefined) replaceList(this.#searchParams, this.#search());
  }

  static {
    isURL = (value) => typeof value === 'object' && value !== null && #href in value;
    searchParamsChanged = (url) => {
      url.#behind = true;
    };
    urlParts = (input, base) => URL.#parse(input, base)?.#parts();
    urlPartsAfter = (input, which, value) => {
      const url = URL.#parse(input, undefined);
      return url !== null && url.#set(which, value) ? url.#parts() : undefined;
    };
  }
}

/** Offsets that nobody keeps: a refused setter must not disturb a URL's own. */
const scratch = new Uint32Array(8);

configureInterface(URL, {
  length: 1,
  inspectable: ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'],
});

function invalidURL(url, base, prefix) {
  url = StringPrototypeToWellFormed(url);
  const input = url.length > 200 ? `${StringPrototypeSlice(url, 0, 200)}…` : url;
  return new TypeError(`${prefix}: Invalid URL '${input}'${base === undefined ? '' : ' with the given base'}.`);
}

/** Sequences and records arrive as one flat array `[name, value, …]`. */
const toRecord = createRecordConverter(toUSVString, toUSVString);
const toPairs = createSequenceConverter(createSequenceConverter(toUSVString));

export class URLSearchParams {
  /** Flat: name, value, name, value, … */
  #list;
  /** The URL whose query this is, or undefined. */
  #url = undefined;

  constructor(init = '') {
    this.#list = typeof init === 'string' ? parse(StringPrototypeToWellFormed(init)) : listFromInit(init, "Failed to construct 'URLSearchParams'");
  }

  get size() {
    return this.#list.length / 2;
  }

  append(name, value) {
    const prefix = "Failed to execute 'append' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 2, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    value = toUSVString(value, prefix, 'Argument 2');
    const list = this.#list;
    ArrayPrototypePush(list, name, value);
    this.#update();
  }

  delete(name, value = undefined) {
    const prefix = "Failed to execute 'delete' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 1, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    if (value !== undefined) value = toUSVString(value, prefix, 'Argument 2');
    this.#keep(0, (n, v) => n !== name || (value !== undefined && v !== value));
    this.#update();
  }

  get(name) {
    const prefix = "Failed to execute 'get' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 1, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
    return null;
  }

  getAll(name) {
    const prefix = "Failed to execute 'getAll' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 1, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    const list = this.#list;
    const values = [];
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) ArrayPrototypePush(values, list[i + 1]);
    return values;
  }

  has(name, value = undefined) {
    const prefix = "Failed to execute 'has' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 1, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    if (value !== undefined) value = toUSVString(value, prefix, 'Argument 2');
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === name && (value === undefined || list[i + 1] === value)) return true;
    return false;
  }

  set(name, value) {
    const prefix = "Failed to execute 'set' on 'URLSearchParams'";
    this.#list;
    requiredArguments(arguments.length, 2, prefix);
    name = toUSVString(name, prefix, 'Argument 1');
    value = toUSVString(value, prefix, 'Argument 2');
    const list = this.#list;
    let i = 0;
    while (i < list.length && list[i] !== name) i += 2;
    if (i < list.length) {
      list[i + 1] = value;
      this.#keep(i + 2, (n) => n !== name);
    } else {
      ArrayPrototypePush(list, name, value);
    }
    this.#update();
  }

  sort() {
    sortPairs(this.#list);
    this.#update();
  }

  toString() {
    return serialize(this.#list);
  }

  /** Removes the pairs from index `start` on that `predicate(name, value)` refuses. */
  #keep(start, predicate) {
    const list = this.#list;
    let kept = start;
    for (let i = start; i < list.length; i += 2) {
      if (!predicate(list[i], list[i + 1])) continue;
      list[kept] = list[i];
      list[kept + 1] = list[i + 1];
      kept += 2;
    }
    list.length = kept;
  }

  /** "Update": the URL takes over the query when somebody looks. */
  #update() {
    if (this.#url !== undefined) searchParamsChanged(this.#url);
  }

  static {
    setURLOf = (params, url) => {
      params.#url = url;
    };
    replaceList = (params, search) => {
      params.#list = parse(search);
    };
    serializeParams = (params) => serialize(params.#list);
    urlSearchParamsList = (params) => params.#list;
    isURLSearchParams = (value) => typeof value === 'object' && value !== null && #list in value;
  }
}

configureInterface(URLSearchParams, { length: 0 });
setIterable(URLSearchParams, 'URLSearchParams', urlSearchParamsList);

/** The parser of a query string with or without its "?". */
function parse(query) {
  if (query === '') return [];
  if (StringPrototypeCharCodeAt(query, 0) === 0x3f) query = StringPrototypeSlice(query, 1);
  return StringPrototypeIndexOf(query, '%') === -1 && StringPrototypeIndexOf(query, '+') === -1 ? split(query) : ops.formDecode(query);
}

/** The parser of a query in which every character stands for itself: most are such, and the op costs more. */
function split(query) {
  const list = [];
  const { length } = query;
  // Looked for again only once it is passed: however the text is made, it is read twice at most.
  let equals = StringPrototypeIndexOf(query, '=');
  for (let start = 0; start < length; ) {
    let end = StringPrototypeIndexOf(query, '&', start);
    if (end === -1) end = length;
    if (equals !== -1 && equals < start) equals = StringPrototypeIndexOf(query, '=', start);
    if (equals !== -1 && equals < end) ArrayPrototypePush(list, StringPrototypeSlice(query, start, equals), StringPrototypeSlice(query, equals + 1, end));
    else if (start < end) ArrayPrototypePush(list, StringPrototypeSlice(query, start, end), '');
    start = end + 1;
  }
  return list;
}

/** The serializer. */
export function serialize(list) {
  const { length } = list;
  if (length === 0) return '';
  return length <= fewArguments ? ReflectApply(ops.formEncode, undefined, list) : ops.formEncode(list);
}
const fewArguments = 64;

function listFromInit(init, prefix) {
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) return parse(toUSVString(init, prefix, 'Argument 1'));
  const iterator = init[SymbolIterator];
  if (iterator === undefined || iterator === null) return toRecord(init, prefix, 'Argument 1');
  const pairs = toPairs(init, prefix, 'Argument 1', { __proto__: null, iterator });
  const list = [];
  for (let i = 0; i < pairs.length; i++) {
    if (pairs[i].length !== 2) throw conversionError('is not a pair of name and value.', prefix, `Argument 1[${i}]`);
    ArrayPrototypePush(list, pairs[i][0], pairs[i][1]);
  }
  return list;
}
