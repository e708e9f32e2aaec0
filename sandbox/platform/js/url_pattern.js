// @ts-check
/** URLPattern of the URL Pattern Standard (https://urlpattern.spec.whatwg.org/#urlpattern-class). */

import { ArrayPrototypePush, ObjectDefineProperty, TypeError } from './primordials.js';
import { urlParts } from './url.js';
import {
  canonicalizeHash, canonicalizeHostname, canonicalizeIPv6Hostname, canonicalizeOpaquePathname, canonicalizePassword, canonicalizePathname, canonicalizePort,
  canonicalizeProtocol, canonicalizeSearch, canonicalizeUsername, defaultPort, isIPv6HostnamePattern, matchesSpecialScheme, processURLPatternInit,
} from './url_pattern_canonical.js';
import { compileComponent, defaultOptions, hostnameOptions, pathnameOptions } from './url_pattern_component.js';
import { parseConstructorString } from './url_pattern_constructor.js';
import { configureInterface, converters, createDictionaryConverter } from './webidl.js';

/** In the order in which results list them, which is the alphabet's. */
const COMPONENTS = ['hash', 'hostname', 'password', 'pathname', 'port', 'protocol', 'search', 'username'];

const { USVString: toUSVString } = converters;
const initMembers = [{ key: 'baseURL', converter: toUSVString }];
for (let i = 0; i < COMPONENTS.length; i++) ArrayPrototypePush(initMembers, { key: COMPONENTS[i], converter: toUSVString });
const toURLPatternInit = createDictionaryConverter('URLPatternInit', initMembers);
const toURLPatternOptions = createDictionaryConverter('URLPatternOptions', [{ key: 'ignoreCase', converter: converters.boolean, defaultValue: () => false }]);

/** `(USVString or URLPatternInit)`. */
function toURLPatternInput(value, prefix) {
  if (value === undefined || value === null || typeof value === 'object' || typeof value === 'function') return toURLPatternInit(value, prefix, 'Argument 1');
  return toUSVString(value, prefix, 'Argument 1');
}

export class URLPattern {
  /** Component by name. */
  #components;

  constructor(input = undefined, baseURLOrOptions = undefined, options = undefined) {
    const prefix = "Failed to construct 'URLPattern'";
    input = toURLPatternInput(input, prefix);
    let baseURL;
    if (arguments.length >= 3 || (baseURLOrOptions !== undefined && baseURLOrOptions !== null && typeof baseURLOrOptions !== 'object' && typeof baseURLOrOptions !== 'function')) {
      baseURL = toUSVString(baseURLOrOptions, prefix, 'Argument 2');
    } else {
      options = baseURLOrOptions;
    }
    const { ignoreCase } = toURLPatternOptions(options, prefix, 'The options');
    this.#components = createComponents(input, baseURL, ignoreCase);
  }

  get protocol() {
    return this.#components.protocol.pattern;
  }

  get username() {
    return this.#components.username.pattern;
  }

  get password() {
    return this.#components.password.pattern;
  }

  get hostname() {
    return this.#components.hostname.pattern;
  }

  get port() {
    return this.#components.port.pattern;
  }

  get pathname() {
    return this.#components.pathname.pattern;
  }

  get search() {
    return this.#components.search.pattern;
  }

  get hash() {
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups() {
    const components = this.#components;
    for (let i = 0; i < COMPONENTS.length; i++) if (components[COMPONENTS[i]].hasRegExpGroups) return true;
    return false;
  }

  test(input = undefined, baseURL = undefined) {
    const components = this.#components;
    const prefix = "Failed to execute 'test' on 'URLPattern'";
    input = toURLPatternInput(input, prefix);
    if (baseURL !== undefined) baseURL = toUSVString(baseURL, prefix, 'Argument 2');
    return match(components, input, baseURL) !== null;
  }

  exec(input = undefined, baseURL = undefined) {
    const components = this.#components;
    const prefix = "Failed to execute 'exec' on 'URLPattern'";
    input = toURLPatternInput(input, prefix);
    if (baseURL !== undefined) baseURL = toUSVString(baseURL, prefix, 'Argument 2');
    const matches = match(components, input, baseURL);
    return matches === null ? null : toResult(components, input, baseURL, matches);
  }
}

configureInterface(URLPattern, {
  length: 0,
  inspectable: ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash', 'hasRegExpGroups'],
});

/** "Create". */
function createComponents(input, baseURL, ignoreCase) {
  let init = input;
  if (typeof input === 'string') {
    init = parseConstructorString(input);
    if (baseURL === undefined && init.protocol === undefined) throw new TypeError('The pattern is relative, which takes a base URL');
    if (baseURL !== undefined) init.baseURL = baseURL;
  } else if (baseURL !== undefined) {
    throw new TypeError('A base URL is given beside an object, which should have it as its baseURL');
  }
  const processed = processURLPatternInit(init, true, { __proto__: null });
  for (let i = 0; i < COMPONENTS.length; i++) processed[COMPONENTS[i]] ??= '*';
  if (processed.port !== '' && processed.port === defaultPort(processed.protocol)) processed.port = '';

  const protocol = compileComponent(processed.protocol, canonicalizeProtocol, defaultOptions);
  const hasPath = matchesSpecialScheme(protocol);
  return {
    __proto__: null,
    protocol,
    username: compileComponent(processed.username, canonicalizeUsername, defaultOptions),
    password: compileComponent(processed.password, canonicalizePassword, defaultOptions),
    hostname: compileComponent(processed.hostname, isIPv6HostnamePattern(processed.hostname) ? canonicalizeIPv6Hostname : canonicalizeHostname, hostnameOptions),
    port: compileComponent(processed.port, (value) => canonicalizePort(value), defaultOptions),
    pathname: hasPath
      ? compileComponent(processed.pathname, canonicalizePathname, pathnameOptions, ignoreCase)
      : compileComponent(processed.pathname, canonicalizeOpaquePathname, defaultOptions, ignoreCase),
    search: compileComponent(processed.search, canonicalizeSearch, defaultOptions, ignoreCase),
    hash: compileComponent(processed.hash, canonicalizeHash, defaultOptions, ignoreCase),
  };
}

/** "Match": for each component what it was given and its matches, flat; or null. */
function match(components, input, baseURL) {
  let parts;
  if (typeof input === 'string') {
    parts = urlParts(input, baseURL);
  } else {
    if (baseURL !== undefined) throw new TypeError('A base URL is given beside an object, which should have it as its baseURL');
    const empty = { __proto__: null };
    for (let i = 0; i < COMPONENTS.length; i++) empty[COMPONENTS[i]] = '';
    try {
      parts = processURLPatternInit(input, false, empty);
    } catch {
      return null;
    }
  }
  if (parts === undefined) return null;
  const matches = [];
  for (let i = 0; i < COMPONENTS.length; i++) {
    const part = parts[COMPONENTS[i]];
    const matched = components[COMPONENTS[i]].exec(part);
    if (matched === null) return null;
    ArrayPrototypePush(matches, part, matched);
  }
  return matches;
}

/** A URLPatternResult. */
function toResult(components, input, baseURL, matches) {
  const result = {};
  for (let i = 0; i < COMPONENTS.length; i++) {
    const name = COMPONENTS[i];
    define(result, name, toComponentResult(components[name].names, matches[2 * i], matches[2 * i + 1]));
    if (name === 'hostname') define(result, 'inputs', baseURL === undefined ? [toInput(input)] : [toInput(input), baseURL]);
  }
  return result;
}

/** "Create a component match result". */
function toComponentResult(names, input, matched) {
  const groups = {};
  for (let i = 0; i < names.length; i++) define(groups, names[i], matched[i + 1]);
  return { groups, input };
}

/** A dictionary as an object for the tenant. */
function toInput(input) {
  if (typeof input === 'string') return input;
  const object = {};
  for (let i = 0; i < initMembers.length; i++) {
    const { key } = initMembers[i];
    if (input[key] !== undefined) define(object, key, input[key]);
  }
  return object;
}

function define(object, key, value) {
  ObjectDefineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}
