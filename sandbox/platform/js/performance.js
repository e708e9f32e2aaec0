// @ts-check
/**
 * High Resolution Time (https://w3c.github.io/hr-time/#sec-performance). Marks and measures live in
 * user_timing.js, which is loaded when first used.
 */

import { EventTarget } from './event.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { ReflectApply } from './primordials.js';
import { configureInterface, illegalConstructor, privateToken } from './webidl.js';

const userTiming = () => lazy('./user_timing.js');

export class Performance extends EventTarget {
  #brand;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
    super();
  }

  now() {
    this.#brand;
    return ops.now();
  }

  get timeOrigin() {
    this.#brand;
    return ops.timeOrigin();
  }

  toJSON() {
    this.#brand;
    return { timeOrigin: ops.timeOrigin() };
  }

  mark(_markName, _markOptions = undefined) {
    this.#brand;
    return ReflectApply(userTiming().mark, undefined, arguments);
  }

  measure(_measureName, _startOrOptions = undefined, _endMark = undefined) {
    this.#brand;
    return ReflectApply(userTiming().measure, undefined, arguments);
  }

  clearMarks(markName = undefined) {
    this.#brand;
    userTiming().clearEntries('mark', markName);
  }

  clearMeasures(measureName = undefined) {
    this.#brand;
    userTiming().clearEntries('measure', measureName);
  }

  getEntries() {
    this.#brand;
    return userTiming().entries(undefined, undefined);
  }

  getEntriesByName(_name, _type = undefined) {
    this.#brand;
    return ReflectApply(userTiming().entriesByName, undefined, arguments);
  }

  getEntriesByType(_type) {
    this.#brand;
    return ReflectApply(userTiming().entriesByType, undefined, arguments);
  }
}

configureInterface(Performance, { length: 0, inspectable: ['timeOrigin'] });

/** The `performance` of the global scope. */
export const performance = new Performance(privateToken);
