// @ts-check
/**
 * User Timing (https://w3c.github.io/user-timing/) and the entries of Performance Timeline
 * (https://w3c.github.io/performance-timeline/). Loaded when first used.
 *
 * Where we differ: the timeline keeps the last 1,000 entries, because an isolate serves for long.
 */

import { ifLoaded } from './lazy.js';
import { ops } from './ops.js';
import { ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSort, TypeError } from './primordials.js';
import { clone } from './structured_clone.js';
import {
  configureInterface, converters, createDOMException, createDictionaryConverter, illegalConstructor, privateToken, requiredArguments,
} from './webidl.js';

const maxEntries = 1000;
/** In order of creation. */
let timeline = [];

/** An entry is about to be made. Nothing goes through `super`, which is whatever a tenant has put there. */
let isExpected = false;
let fillEntry;
let entryName;
let entryType;
let startTime;

export class PerformanceEntry {
  #name;
  #entryType;
  #startTime;
  #duration;

  constructor() {
    if (!isExpected) illegalConstructor();
    isExpected = false;
  }

  get name() {
    return this.#name;
  }

  get entryType() {
    return this.#entryType;
  }

  get startTime() {
    return this.#startTime;
  }

  get duration() {
    return this.#duration;
  }

  toJSON() {
    return { name: this.#name, entryType: this.#entryType, startTime: this.#startTime, duration: this.#duration };
  }

  static {
    fillEntry = (entry, name, entryType, startTime, duration) => {
      entry.#name = name;
      entry.#entryType = entryType;
      entry.#startTime = startTime;
      entry.#duration = duration;
    };
    entryName = (entry) => entry.#name;
    entryType = (entry) => entry.#entryType;
    startTime = (entry) => entry.#startTime;
  }
}

configureInterface(PerformanceEntry, { length: 0, inspectable: ['name', 'entryType', 'startTime', 'duration'] });

const toMarkOptions = createDictionaryConverter('PerformanceMarkOptions', [
  { key: 'detail', converter: converters.any },
  { key: 'startTime', converter: converters.double },
]);

export class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(markName, markOptions = undefined) {
    const prefix = "Failed to construct 'PerformanceMark'";
    requiredArguments(arguments.length, 1, prefix);
    markName = converters.DOMString(markName, prefix, 'Argument 1');
    const options = toMarkOptions(markOptions, prefix, 'Argument 2');
    if (options.startTime < 0) throw new TypeError(`${prefix}: 'startTime' is negative.`);
    isExpected = true;
    super();
    isExpected = false;
    fillEntry(this, markName, 'mark', options.startTime ?? ops.now(), 0);
    this.#detail = cloneDetail(options.detail);
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { name: entryName(this), entryType: 'mark', startTime: startTime(this), duration: 0, detail: this.#detail };
  }
}

configureInterface(PerformanceMark, { length: 1, inspectable: ['detail'] });

export class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token, name, start, duration, detail) {
    if (token !== privateToken) illegalConstructor();
    isExpected = true;
    super();
    isExpected = false;
    fillEntry(this, name, 'measure', start, duration);
    this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }
}

configureInterface(PerformanceMeasure, { length: 0, inspectable: ['detail'] });

export function mark(markName, markOptions = undefined) {
  requiredArguments(arguments.length, 1, "Failed to execute 'mark' on 'Performance'");
  return queueEntry(new PerformanceMark(markName, markOptions));
}

const toMeasureOptions = createDictionaryConverter('PerformanceMeasureOptions', [
  { key: 'detail', converter: converters.any },
  { key: 'start', converter: toTimeOrMark },
  { key: 'duration', converter: converters.double },
  { key: 'end', converter: toTimeOrMark },
]);

export function measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
  const prefix = "Failed to execute 'measure' on 'Performance'";
  requiredArguments(arguments.length, 1, prefix);
  measureName = converters.DOMString(measureName, prefix, 'Argument 1');
  const hasOptions = startOrMeasureOptions === undefined || startOrMeasureOptions === null || typeof startOrMeasureOptions === 'object';
  const options = hasOptions
    ? toMeasureOptions(startOrMeasureOptions, prefix, 'Argument 2')
    : { start: converters.DOMString(startOrMeasureOptions, prefix, 'Argument 2') };
  if (endMark !== undefined) endMark = converters.DOMString(endMark, prefix, 'Argument 3');

  const { start, end, duration, detail } = options;
  const given = start !== undefined || end !== undefined || duration !== undefined || detail !== undefined;
  if (hasOptions && given) checkMeasureOptions(start, end, duration, endMark, prefix);
  const endTime = endOf(endMark ?? end, start, duration, prefix);
  const beginTime = startOf(start, end, duration, prefix);
  return queueEntry(new PerformanceMeasure(privateToken, measureName, beginTime, endTime - beginTime, cloneDetail(detail)));
}

export function clearEntries(type, name) {
  if (name !== undefined) name = converters.DOMString(name);
  const rest = [];
  for (let i = 0; i < timeline.length; i++) {
    if (entryType(timeline[i]) !== type || (name !== undefined && entryName(timeline[i]) !== name)) ArrayPrototypePush(rest, timeline[i]);
  }
  timeline = rest;
}

/** The entries of that name and type (undefined: any) by start time. */
export function entries(name, type) {
  return matchingEntries(timeline, name, type);
}

/** Those of that type that are still there. */
export function bufferedEntries(type) {
  return matchingEntries(timeline, undefined, type);
}

export const typeOfEntry = (entry) => entryType(entry);

/** Those of `list` of that name and type (undefined: any) by start time. */
export function matchingEntries(list, name, type) {
  const found = [];
  for (let i = 0; i < list.length; i++) {
    const entry = list[i];
    if ((name === undefined || entryName(entry) === name) && (type === undefined || entryType(entry) === type)) ArrayPrototypePush(found, entry);
  }
  return ArrayPrototypeSort(found, (a, b) => startTime(a) - startTime(b));
}

export function entriesByName(name, type = undefined) {
  const prefix = "Failed to execute 'getEntriesByName' on 'Performance'";
  requiredArguments(arguments.length, 1, prefix);
  name = converters.DOMString(name, prefix, 'Argument 1');
  return entries(name, type === undefined ? undefined : converters.DOMString(type, prefix, 'Argument 2'));
}

export function entriesByType(type) {
  const prefix = "Failed to execute 'getEntriesByType' on 'Performance'";
  requiredArguments(arguments.length, 1, prefix);
  return entries(undefined, converters.DOMString(type, prefix, 'Argument 1'));
}

function queueEntry(entry) {
  if (timeline.length >= maxEntries) ArrayPrototypeShift(timeline);
  ArrayPrototypePush(timeline, entry);
  ifLoaded('./performance_observer.js')?.offerToObservers(entry);
  return entry;
}

function cloneDetail(detail) {
  return detail === undefined || detail === null ? null : clone(detail);
}

function toTimeOrMark(value, prefix, context) {
  return typeof value === 'number' ? converters.double(value, prefix, context) : converters.DOMString(value, prefix, context);
}

function checkMeasureOptions(start, end, duration, endMark, prefix) {
  if (endMark !== undefined) throw new TypeError(`${prefix}: An end mark was given beside measure options.`);
  if (start === undefined && end === undefined) throw new TypeError(`${prefix}: Neither 'start' nor 'end' is given.`);
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError(`${prefix}: 'start', 'end' and 'duration' are given together.`);
  }
}

function endOf(end, start, duration, prefix) {
  if (end !== undefined) return toTimestamp(end, prefix);
  if (start !== undefined && duration !== undefined) return toTimestamp(start, prefix) + duration;
  return ops.now();
}

function startOf(start, end, duration, prefix) {
  if (start !== undefined) return toTimestamp(start, prefix);
  if (end !== undefined && duration !== undefined) return toTimestamp(end, prefix) - duration;
  return 0;
}

/** "Convert a mark to a timestamp". */
function toTimestamp(mark, prefix) {
  if (typeof mark === 'number') {
    if (mark < 0) throw new TypeError(`${prefix}: A time is negative.`);
    return mark;
  }
  for (let i = timeline.length - 1; i >= 0; i--) {
    if (entryType(timeline[i]) === 'mark' && entryName(timeline[i]) === mark) return startTime(timeline[i]);
  }
  throw createDOMException(`${prefix}: The mark '${mark}' does not exist.`, 'SyntaxError');
}
