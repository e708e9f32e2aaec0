// @ts-check
/** URL Pattern Standard §1.6 "Constructor string parsing" (https://urlpattern.spec.whatwg.org/#constructor-string-parsing). */

import { StringPrototypeSlice, inheritNothing } from './primordials.js';
import { canonicalizeProtocol, matchesSpecialScheme } from './url_pattern_canonical.js';
import { compileComponent, defaultOptions } from './url_pattern_component.js';
import { tokenize } from './url_pattern_tokens.js';

/** "Parse a constructor string": a URLPatternInit. */
export function parseConstructorString(input) {
  return new ConstructorStringParser(input).parse();
}

class ConstructorStringParser {
  result = { __proto__: null };
  componentStart = 0;
  index = 0;
  increment = 1;
  groupDepth = 0;
  bracketDepth = 0;
  isSpecial = false;
  state = 'init';

  constructor(input) {
    this.input = input;
    this.tokens = tokenize(input, true);
  }

  parse() {
    const { tokens, result } = this;
    for (; this.index < tokens.length; this.index += this.increment) {
      this.increment = 1;
      const { type } = tokens[this.index];
      if (type === 'end') {
        if (this.state === 'init') {
          this.#rewind();
          if (this.#isHashPrefix()) this.#changeState('hash', 1);
          else if (this.#isSearchPrefix()) this.#changeState('search', 1);
          else this.#changeState('pathname', 0);
        } else if (this.state === 'authority') {
          this.#rewindAndSetState('hostname');
        } else {
          this.#changeState('done', 0);
          break;
        }
      } else if (type === 'open') {
        this.groupDepth++;
      } else if (this.groupDepth > 0) {
        if (type === 'close') this.groupDepth--;
      } else {
        this.#step();
      }
    }
    // A pattern that names a host without a port means the default one.
    if (result.hostname !== undefined && result.port === undefined) result.port = '';
    return result;
  }

  #step() {
    switch (this.state) {
      case 'init':
        if (this.#isPlain(0, ':')) this.#rewindAndSetState('protocol');
        break;
      case 'protocol':
        if (this.#isPlain(0, ':')) this.#endProtocol();
        break;
      case 'authority':
        if (this.#isPlain(0, '@')) this.#rewindAndSetState('username');
        else if (this.#isPlain(0, '/') || this.#isSearchPrefix() || this.#isHashPrefix()) this.#rewindAndSetState('hostname');
        break;
      case 'username':
        if (this.#isPlain(0, ':')) this.#changeState('password', 1);
        else if (this.#isPlain(0, '@')) this.#changeState('hostname', 1);
        break;
      case 'password':
        if (this.#isPlain(0, '@')) this.#changeState('hostname', 1);
        break;
      case 'hostname':
        if (this.#isPlain(0, '[')) this.bracketDepth++;
        else if (this.#isPlain(0, ']')) this.bracketDepth--;
        else if (this.#isPlain(0, ':') && this.bracketDepth === 0) this.#changeState('port', 1);
        else this.#endAtPath();
        break;
      case 'port':
        this.#endAtPath();
        break;
      case 'pathname':
        if (this.#isSearchPrefix()) this.#changeState('search', 1);
        else if (this.#isHashPrefix()) this.#changeState('hash', 1);
        break;
      case 'search':
        if (this.#isHashPrefix()) this.#changeState('hash', 1);
    }
  }

  #endProtocol() {
    // "Compute protocol matches a special scheme flag".
    this.isSpecial = matchesSpecialScheme(compileComponent(this.#componentString(), canonicalizeProtocol, defaultOptions));
    if (this.#isPlain(1, '/') && this.#isPlain(2, '/')) this.#changeState('authority', 3);
    else this.#changeState(this.isSpecial ? 'authority' : 'pathname', 1);
  }

  #endAtPath() {
    if (this.#isPlain(0, '/')) this.#changeState('pathname', 0);
    else if (this.#isSearchPrefix()) this.#changeState('search', 1);
    else if (this.#isHashPrefix()) this.#changeState('hash', 1);
  }

  #changeState(state, skip) {
    const { result } = this;
    const old = this.state;
    if (old !== 'init' && old !== 'authority') result[old] = this.#componentString();
    if (old !== 'init' && state !== 'done') {
      const from = ORDER[old];
      const to = ORDER[state];
      if (from < ORDER.hostname && to > ORDER.hostname) result.hostname ??= '';
      if (from < ORDER.pathname && to > ORDER.pathname) result.pathname ??= this.isSpecial ? '/' : '';
      if (from < ORDER.search && to > ORDER.search) result.search ??= '';
    }
    this.state = state;
    this.index += skip;
    this.componentStart = this.index;
    this.increment = 0;
  }

  #rewind() {
    this.index = this.componentStart;
    this.increment = 0;
  }

  #rewindAndSetState(state) {
    this.#rewind();
    this.state = state;
  }

  /** "Get a safe token". */
  #token(index) {
    const { tokens } = this;
    return index < tokens.length ? tokens[index] : tokens[tokens.length - 1];
  }

  /** "Is a non-special pattern char". */
  #isPlain(ahead, value) {
    const token = this.#token(this.index + ahead);
    return token.value === value && (token.type === 'char' || token.type === 'escaped-char' || token.type === 'invalid-char');
  }

  #isHashPrefix() {
    return this.#isPlain(0, '#');
  }

  /** Whether this begins the search, as against making the token before it optional. */
  #isSearchPrefix() {
    if (this.#isPlain(0, '?')) return true;
    if (this.#token(this.index).value !== '?') return false;
    if (this.index === 0) return true;
    const { type } = this.#token(this.index - 1);
    return type !== 'name' && type !== 'regexp' && type !== 'close' && type !== 'asterisk';
  }

  /** "Make a component string". */
  #componentString() {
    return StringPrototypeSlice(this.input, this.#token(this.componentStart).index, this.tokens[this.index].index);
  }
}

const ORDER = { __proto__: null, protocol: 0, authority: 1, username: 2, password: 3, hostname: 4, port: 5, pathname: 6, search: 7, hash: 8 };

inheritNothing(ConstructorStringParser);
