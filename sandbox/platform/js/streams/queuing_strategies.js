// @ts-check
/** Streams Standard §7 "Queuing strategies". */
import { ReflectApply, TypeError } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { configureInterface, requiredArguments } from '../webidl.js';
import { callbackMember, toDictionary } from './support.js';

export class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requiredArguments(arguments.length, 1, "Failed to construct 'ByteLengthQueuingStrategy'");
    this.#highWaterMark = queuingStrategyInit(init, "Failed to construct 'ByteLengthQueuingStrategy'");
  }

  get highWaterMark() {
    return this.#highWaterMark;
  }

  get size() {
    void this.#highWaterMark;
    return byteLengthSize;
  }
}

export class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requiredArguments(arguments.length, 1, "Failed to construct 'CountQueuingStrategy'");
    this.#highWaterMark = queuingStrategyInit(init, "Failed to construct 'CountQueuingStrategy'");
  }

  get highWaterMark() {
    return this.#highWaterMark;
  }

  get size() {
    void this.#highWaterMark;
    return countSize;
  }
}

configureInterface(ByteLengthQueuingStrategy);
configureInterface(CountQueuingStrategy);

/**
 * Converts a QueuingStrategy dictionary.
 * @returns {{ highWaterMark: number | undefined, size: Function | undefined }}
 */
export function toQueuingStrategy(value, context) {
  const dictionary = toDictionary(value, `${context}: the strategy`);
  if (dictionary === undefined) return EMPTY_STRATEGY;
  let { highWaterMark } = dictionary;
  if (highWaterMark !== undefined) highWaterMark = +highWaterMark;
  return { highWaterMark, size: callbackMember(dictionary, 'size', context) };
}

export function extractHighWaterMark(strategy, defaultHighWaterMark) {
  const { highWaterMark } = strategy;
  if (highWaterMark === undefined) return defaultHighWaterMark;
  if (!(highWaterMark >= 0)) throw new RangeError('highWaterMark must be a non-negative number');
  return highWaterMark;
}

/** The size algorithm, or undefined for the one that returns 1, which callers then need not call. */
export function extractSizeAlgorithm(strategy) {
  const { size } = strategy;
  if (size === undefined || size === countSize) return undefined;
  if (size === byteLengthSize) return byteLengthSize;
  return (chunk) => +ReflectApply(size, undefined, [chunk]);
}

const EMPTY_STRATEGY = { highWaterMark: undefined, size: undefined };

function queuingStrategyInit(init, context) {
  const dictionary = toDictionary(init, `${context}: the argument`);
  const highWaterMark = dictionary?.highWaterMark;
  if (highWaterMark === undefined) throw new TypeError(`${context}: member 'highWaterMark' is required`);
  return +highWaterMark;
}

// Arrow functions, because the standard's size functions are no constructors.
const byteLengthSize = { size: (chunk) => chunk.byteLength }.size;
const countSize = { size: () => 1 }.size;
