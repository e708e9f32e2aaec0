// @ts-check
/** URL Pattern Standard §1.5 "Internals", §2.3 "Parts" and what follows (https://urlpattern.spec.whatwg.org/#parts). */

import {
  ArrayPrototypePush, RegExp, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeIncludes, TypeError,
  inheritNothing,
} from './primordials.js';
import { isValidNameCodePoint, tokenize } from './url_pattern_tokens.js';

/** "Default options", "hostname options", "pathname options". */
export const defaultOptions = { __proto__: null, delimiter: '', prefix: '' };
export const hostnameOptions = { __proto__: null, delimiter: '.', prefix: '' };
export const pathnameOptions = { __proto__: null, delimiter: '/', prefix: '/' };

const FIXED_TEXT = 0;
const REGEXP = 1;
const SEGMENT_WILDCARD = 2;
const FULL_WILDCARD = 3;

const FULL_WILDCARD_REGEXP = '.*';

/** "Component". */
class Component {
  constructor(pattern, regexp, names, hasRegExpGroups) {
    this.pattern = pattern;
    this.regexp = regexp;
    this.names = names;
    this.hasRegExpGroups = hasRegExpGroups;
  }

  /** The matches of a text, as of `RegExp.prototype.exec`. */
  exec(text) {
    return RegExpPrototypeExec(this.regexp, text);
  }
}

/** "Compile a component". `encode` is the encoding callback. */
export function compileComponent(pattern, encode, options, ignoreCase = false) {
  const parts = new PatternParser(pattern, encode, options).parse();
  const names = [];
  let hasRegExpGroups = false;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i].type !== FIXED_TEXT) ArrayPrototypePush(names, parts[i].name);
    if (parts[i].type === REGEXP) hasRegExpGroups = true;
  }
  let regexp;
  try {
    regexp = new RegExp(generateRegularExpression(parts, options), ignoreCase ? 'vi' : 'v');
  } catch {
    throw new TypeError('The pattern has a regular expression that is not valid');
  }
  return new Component(generatePatternString(parts, options), regexp, names, hasRegExpGroups);
}

/** "Parse a pattern string". */
class PatternParser {
  parts = [];
  names = { __proto__: null };
  pendingFixedValue = '';
  index = 0;
  nextNumericName = 0;

  constructor(input, encode, options) {
    this.tokens = tokenize(input, false);
    this.encode = encode;
    this.options = options;
    this.segmentWildcard = segmentWildcardRegexp(options);
  }

  parse() {
    while (this.index < this.tokens.length) {
      const char = this.#tryConsume('char');
      const name = this.#tryConsume('name');
      const regexp = this.#tryConsumeRegexpOrWildcard(name);
      if (name !== undefined || regexp !== undefined) {
        let prefix = char ?? '';
        if (prefix !== '' && prefix !== this.options.prefix) {
          this.pendingFixedValue += prefix;
          prefix = '';
        }
        this.#addPendingFixedValue();
        this.#addPart(prefix, name, regexp, '', this.#tryConsumeModifier());
        continue;
      }
      const fixed = char ?? this.#tryConsume('escaped-char');
      if (fixed !== undefined) {
        this.pendingFixedValue += fixed;
      } else if (this.#tryConsume('open') !== undefined) {
        const prefix = this.#consumeText();
        const groupName = this.#tryConsume('name');
        const groupRegexp = this.#tryConsumeRegexpOrWildcard(groupName);
        const suffix = this.#consumeText();
        this.#consumeRequired('close');
        this.#addPart(prefix, groupName, groupRegexp, suffix, this.#tryConsumeModifier());
      } else {
        this.#addPendingFixedValue();
        this.#consumeRequired('end');
      }
    }
    return this.parts;
  }

  /** The token's value, or undefined when it is of another type. */
  #tryConsume(type) {
    const token = this.tokens[this.index];
    if (token === undefined || token.type !== type) return undefined;
    this.index++;
    return token.value;
  }

  /** The regular expression; that of a wildcard for an asterisk. */
  #tryConsumeRegexpOrWildcard(name) {
    const regexp = this.#tryConsume('regexp');
    if (regexp !== undefined || name !== undefined) return regexp;
    return this.#tryConsume('asterisk') === undefined ? undefined : FULL_WILDCARD_REGEXP;
  }

  #tryConsumeModifier() {
    return this.#tryConsume('other-modifier') ?? this.#tryConsume('asterisk') ?? '';
  }

  #consumeText() {
    let text = '';
    for (;;) {
      const value = this.#tryConsume('char') ?? this.#tryConsume('escaped-char');
      if (value === undefined) return text;
      text += value;
    }
  }

  #consumeRequired(type) {
    if (this.#tryConsume(type) === undefined) throw new TypeError(`The pattern is not valid: ${type === 'end' ? 'a brace closes no group' : 'a group is not closed'}`);
  }

  /** "Maybe add a part from the pending fixed value". */
  #addPendingFixedValue() {
    if (this.pendingFixedValue === '') return;
    this.#push(FIXED_TEXT, this.encode(this.pendingFixedValue), '', '', '', '');
    this.pendingFixedValue = '';
  }

  /** "Add a part". */
  #addPart(prefix, name, regexp, suffix, modifier) {
    if (name === undefined && regexp === undefined && modifier === '') {
      this.pendingFixedValue += prefix;
      return;
    }
    this.#addPendingFixedValue();
    if (name === undefined && regexp === undefined) {
      if (prefix !== '') this.#push(FIXED_TEXT, this.encode(prefix), modifier, '', '', '');
      return;
    }
    let type = REGEXP;
    let value = regexp ?? this.segmentWildcard;
    if (value === this.segmentWildcard) {
      type = SEGMENT_WILDCARD;
      value = '';
    } else if (value === FULL_WILDCARD_REGEXP) {
      type = FULL_WILDCARD;
      value = '';
    }
    const key = name ?? `${this.nextNumericName++}`;
    if (this.names[key]) throw new TypeError(`The pattern has two groups of the name '${key}'`);
    this.names[key] = true;
    this.#push(type, value, modifier, key, this.encode(prefix), this.encode(suffix));
  }

  #push(type, value, modifier, name, prefix, suffix) {
    ArrayPrototypePush(this.parts, { __proto__: null, type, value, modifier, name, prefix, suffix });
  }
}

inheritNothing(Component, PatternParser);

/** "Generate a segment wildcard regexp". */
const segmentWildcardRegexp = ({ delimiter }) => `[^${escapeRegexpString(delimiter)}]+?`;

const escapeRegexpString = (text) => escapeWith('.+*?^${}()[]|/\\', text);

/** "Escape a pattern string". */
export const escapePatternString = (text) => escapeWith('+*?:{}()\\', text);

function escapeWith(characters, text) {
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    if (StringPrototypeIncludes(characters, text[i])) escaped += '\\';
    escaped += text[i];
  }
  return escaped;
}

/** "Generate a regular expression and name list", without the latter. */
function generateRegularExpression(parts, options) {
  let result = '^';
  for (let i = 0; i < parts.length; i++) {
    const { type, modifier, value } = parts[i];
    if (type === FIXED_TEXT) {
      result += modifier === '' ? escapeRegexpString(value) : `(?:${escapeRegexpString(value)})${modifier}`;
      continue;
    }
    const regexp = type === SEGMENT_WILDCARD ? segmentWildcardRegexp(options) : type === FULL_WILDCARD ? FULL_WILDCARD_REGEXP : value;
    const prefix = escapeRegexpString(parts[i].prefix);
    const suffix = escapeRegexpString(parts[i].suffix);
    const once = modifier === '' || modifier === '?';
    if (prefix === '' && suffix === '') {
      result += once ? `(${regexp})${modifier}` : `((?:${regexp})${modifier})`;
    } else if (once) {
      result += `(?:${prefix}(${regexp})${suffix})${modifier}`;
    } else {
      result += `(?:${prefix}((?:${regexp})(?:${suffix}${prefix}(?:${regexp}))*)${suffix})${modifier === '*' ? '?' : ''}`;
    }
  }
  return `${result}$`;
}

/** "Generate a pattern string". */
function generatePatternString(parts, options) {
  let result = '';
  for (let i = 0; i < parts.length; i++) {
    const { type, value, modifier, name, prefix, suffix } = parts[i];
    if (type === FIXED_TEXT) {
      result += modifier === '' ? escapePatternString(value) : `{${escapePatternString(value)}}${modifier}`;
      continue;
    }
    const customName = !startsWithDigit(name);
    const grouped = needsGrouping(parts, i, customName, options);
    if (grouped) result += '{';
    result += escapePatternString(prefix);
    if (customName) result += `:${name}`;
    if (type === REGEXP) {
      result += `(${value})`;
    } else if (type === SEGMENT_WILDCARD) {
      if (!customName) result += `(${segmentWildcardRegexp(options)})`;
      else if (suffix !== '' && isValidNameCodePoint(suffix, 0, false)) result += '\\';
    } else {
      const previous = parts[i - 1];
      const plain = !customName && (previous === undefined || previous.type === FIXED_TEXT || previous.modifier !== '' || grouped || prefix !== '');
      result += plain ? '*' : `(${FULL_WILDCARD_REGEXP})`;
    }
    result += escapePatternString(suffix);
    if (grouped) result += '}';
    result += modifier;
  }
  return result;
}

/** Whether the part at `index` would be read as another one without braces around it. */
function needsGrouping(parts, index, customName, options) {
  const { type, modifier, prefix, suffix } = parts[index];
  if (suffix !== '' || (prefix !== '' && prefix !== options.prefix)) return true;
  const next = parts[index + 1];
  if (customName && type === SEGMENT_WILDCARD && modifier === '' && next !== undefined && next.prefix === '' && next.suffix === '') {
    if (next.type === FIXED_TEXT ? isValidNameCodePoint(next.value, 0, false) : startsWithDigit(next.name)) return true;
  }
  const previous = parts[index - 1];
  return prefix === '' && previous !== undefined && previous.type === FIXED_TEXT && options.prefix !== '' && StringPrototypeEndsWith(previous.value, options.prefix);
}

function startsWithDigit(name) {
  const code = StringPrototypeCharCodeAt(name, 0);
  return code >= 0x30 && code <= 0x39;
}
