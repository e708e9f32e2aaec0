// @ts-check
/** `util.parseArgs` (https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseargsconfig). */

import {
  ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSlice, ArrayPrototypeUnshift, ObjectHasOwn, ObjectKeys, StringPrototypeIndexOf, StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../primordials.js';
import { invalidArgType, invalidArgValue, typeError } from './errors.js';
import { validateArray, validateBoolean, validateObject, validateString } from './validators.js';

export function parseArgs(config = { __proto__: null }) {
  const args = config.args ?? [];
  const strict = config.strict ?? true;
  const allowPositionals = config.allowPositionals ?? !strict;
  const options = config.options ?? { __proto__: null };
  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(allowPositionals, 'allowPositionals');
  validateBoolean(config.tokens ?? false, 'tokens');
  validateObject(options, 'options');
  const names = ObjectKeys(options);
  for (let i = 0; i < names.length; i++) validateOption(names[i], options[names[i]]);

  const tokens = tokenize(args, options, names);
  const values = { __proto__: null };
  const positionals = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token.kind === 'option') {
      if (strict) checkOption(token, options, allowPositionals);
      store(values, token.name, token.value, options);
    } else if (token.kind === 'positional') {
      if (!allowPositionals) {
        throw typeError('ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL', `Unexpected argument '${token.value}'. This command does not take positional arguments`);
      }
      ArrayPrototypePush(positionals, token.value);
    }
  }
  for (let i = 0; i < names.length; i++) {
    const fallback = options[names[i]].default;
    if (fallback !== undefined && !ObjectHasOwn(values, names[i])) values[names[i]] = fallback;
  }
  return config.tokens ? { values, positionals, tokens } : { values, positionals };
}

function validateOption(name, option) {
  validateObject(option, `options.${name}`);
  if (option.type !== 'string' && option.type !== 'boolean') throw invalidArgType(`options.${name}.type`, "('string|boolean')", option.type);
  if (ObjectHasOwn(option, 'short')) {
    validateString(option.short, `options.${name}.short`);
    if (option.short.length !== 1) throw invalidArgValue(`options.${name}.short`, option.short, 'must be a single character');
  }
  const multiple = option.multiple;
  if (ObjectHasOwn(option, 'multiple')) validateBoolean(multiple, `options.${name}.multiple`);
  if (option.default === undefined) return;
  const list = multiple ? option.default : [option.default];
  if (multiple) validateArray(list, `options.${name}.default`);
  for (let i = 0; i < list.length; i++) {
    const label = multiple ? `options.${name}.default[${i}]` : `options.${name}.default`;
    if (typeof list[i] !== option.type) throw invalidArgType(label, option.type, list[i]);
  }
}

function tokenize(args, options, names) {
  const tokens = [];
  const rest = ArrayPrototypeSlice(args);
  let index = -1;
  let group = 0;
  const longName = (short) => {
    for (let i = 0; i < names.length; i++) if (options[names[i]].short === short) return names[i];
    return short;
  };
  const takesValue = (name) => ObjectHasOwn(options, name) && options[name].type === 'string';
  const follows = () => (rest.length > 0 ? rest[0] : undefined);
  while (rest.length > 0) {
    const arg = ArrayPrototypeShift(rest);
    if (group > 0) group--;
    else index++;
    if (arg === '--') {
      ArrayPrototypePush(tokens, { kind: 'option-terminator', index });
      while (rest.length > 0) ArrayPrototypePush(tokens, { kind: 'positional', index: ++index, value: ArrayPrototypeShift(rest) });
      break;
    }
    if (arg.length === 2 && arg[0] === '-' && arg[1] !== '-') {
      const name = longName(arg[1]);
      let value;
      let inlineValue;
      if (takesValue(name) && follows() !== undefined) {
        value = ArrayPrototypeShift(rest);
        inlineValue = false;
      }
      ArrayPrototypePush(tokens, { kind: 'option', name, rawName: arg, index, value, inlineValue });
      if (value !== undefined) index++;
    } else if (arg.length > 2 && arg[0] === '-' && arg[1] !== '-') {
      if (takesValue(longName(arg[1]))) {
        ArrayPrototypePush(tokens, { kind: 'option', name: longName(arg[1]), rawName: `-${arg[1]}`, index, value: StringPrototypeSlice(arg, 2), inlineValue: true });
        continue;
      }
      const expanded = [];
      for (let i = 1; i < arg.length; i++) {
        if (i < arg.length - 1 && takesValue(longName(arg[i]))) {
          ArrayPrototypePush(expanded, `-${StringPrototypeSlice(arg, i)}`);
          break;
        }
        ArrayPrototypePush(expanded, `-${arg[i]}`);
      }
      for (let i = expanded.length - 1; i >= 0; i--) ArrayPrototypeUnshift(rest, expanded[i]);
      group = expanded.length;
    } else if (StringPrototypeStartsWith(arg, '--')) {
      const equals = StringPrototypeIndexOf(arg, '=');
      if (equals > 2) {
        const name = StringPrototypeSlice(arg, 2, equals);
        ArrayPrototypePush(tokens, { kind: 'option', name, rawName: `--${name}`, index, value: StringPrototypeSlice(arg, equals + 1), inlineValue: true });
        continue;
      }
      const name = StringPrototypeSlice(arg, 2);
      let value;
      let inlineValue;
      if (takesValue(name) && follows() !== undefined) {
        value = ArrayPrototypeShift(rest);
        inlineValue = false;
      }
      ArrayPrototypePush(tokens, { kind: 'option', name, rawName: arg, index, value, inlineValue });
      if (value !== undefined) index++;
    } else {
      ArrayPrototypePush(tokens, { kind: 'positional', index, value: arg });
    }
  }
  return tokens;
}

function checkOption(token, options, allowPositionals) {
  if (!ObjectHasOwn(options, token.name)) {
    const hint = allowPositionals ? `. To specify a positional argument starting with a '-', place it at the end of the command after '--', as in '-- "${token.rawName}"` : '';
    throw typeError('ERR_PARSE_ARGS_UNKNOWN_OPTION', `Unknown option '${token.rawName}'${hint}`);
  }
  const { short, type } = options[token.name];
  const shown = `${short ? `-${short}, ` : ''}--${token.name}`;
  if (type === 'string' && typeof token.value !== 'string') {
    throw typeError('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${shown} <value>' argument missing`);
  }
  if (type === 'boolean' && token.value !== undefined && token.value !== null) {
    throw typeError('ERR_PARSE_ARGS_INVALID_OPTION_VALUE', `Option '${shown}' does not take an argument`);
  }
  if (!token.inlineValue && typeof token.value === 'string' && token.value.length > 1 && token.value[0] === '-') {
    const example = StringPrototypeStartsWith(token.rawName, '--') ? `'${token.rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${token.rawName}-XYZ'`;
    throw typeError(
      'ERR_PARSE_ARGS_INVALID_OPTION_VALUE',
      `Option '${token.rawName}' argument is ambiguous.\nDid you forget to specify the option argument for '${token.rawName}'?\nTo specify an option argument starting with a dash use ${example}.`,
    );
  }
}

function store(values, name, value, options) {
  if (name === '__proto__') return;
  const stored = value ?? true;
  if (options[name]?.multiple) {
    if (values[name] !== undefined) ArrayPrototypePush(values[name], stored);
    else values[name] = [stored];
  } else {
    values[name] = stored;
  }
}
