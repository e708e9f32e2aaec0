// @ts-check
/**
 * PerformanceObserver of Performance Timeline (https://w3c.github.io/performance-timeline/#the-performanceobserver-interface).
 * Loaded when first used.
 */

import { reportException } from './event.js';
import { ArrayPrototypeIncludes, ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSlice, ArrayPrototypeSplice, ObjectFreeze, ReflectApply, TypeError } from './primordials.js';
import { startTimer } from './timers.js';
import { bufferedEntries, matchingEntries, typeOfEntry } from './user_timing.js';
import {
  configureInterface, converters, createDOMException, createDictionaryConverter, createSequenceConverter, illegalConstructor, privateToken, requiredArguments,
} from './webidl.js';

const supportedEntryTypes = ObjectFreeze(['mark', 'measure']);

/** Those that observe, in the order in which they began. */
const registered = [];
/** "Performance observer task queued flag". */
let isTaskQueued = false;
let deliver;
let offer;

const toObserverInit = createDictionaryConverter('PerformanceObserverInit', [
  { key: 'buffered', converter: converters.boolean },
  { key: 'entryTypes', converter: createSequenceConverter(converters.DOMString) },
  { key: 'type', converter: converters.DOMString },
]);

export class PerformanceObserver {
  #callback;
  /** 'single' or 'multiple' once `observe` was called. */
  #kind = undefined;
  /** The entry types that it waits for. */
  #types = [];
  #buffer = [];
  #requiresDroppedEntries = false;

  constructor(callback) {
    const prefix = "Failed to construct 'PerformanceObserver'";
    requiredArguments(arguments.length, 1, prefix);
    this.#callback = converters.Function(callback, prefix, 'Argument 1');
  }

  observe(options = undefined) {
    const prefix = "Failed to execute 'observe' on 'PerformanceObserver'";
    this.#kind;
    const { buffered, entryTypes, type } = toObserverInit(options, prefix, 'Argument 1');
    if (entryTypes === undefined && type === undefined) throw new TypeError(`${prefix}: Neither 'entryTypes' nor 'type' is given.`);
    if (entryTypes !== undefined && (type !== undefined || buffered !== undefined)) {
      throw new TypeError(`${prefix}: 'entryTypes' goes with no other option.`);
    }
    const kind = entryTypes === undefined ? 'single' : 'multiple';
    this.#kind ??= kind;
    if (this.#kind !== kind) throw createDOMException(`${prefix}: 'entryTypes' and 'type' do not mix.`, 'InvalidModificationError');
    this.#requiresDroppedEntries = true;
    if (entryTypes !== undefined) this.#observeTypes(entryTypes);
    else this.#observeType(type, buffered === true);
  }

  #observeTypes(entryTypes) {
    const types = [];
    for (let i = 0; i < entryTypes.length; i++) {
      if (ArrayPrototypeIncludes(supportedEntryTypes, entryTypes[i])) ArrayPrototypePush(types, entryTypes[i]);
    }
    if (types.length === 0) return;
    this.#types = types;
    this.#register();
  }

  #observeType(type, buffered) {
    if (!ArrayPrototypeIncludes(supportedEntryTypes, type)) return;
    if (!ArrayPrototypeIncludes(this.#types, type)) ArrayPrototypePush(this.#types, type);
    this.#register();
    if (!buffered) return;
    const entries = bufferedEntries(type);
    for (let i = 0; i < entries.length; i++) ArrayPrototypePush(this.#buffer, entries[i]);
    queueTask();
  }

  #register() {
    if (!ArrayPrototypeIncludes(registered, this)) ArrayPrototypePush(registered, this);
  }

  disconnect() {
    this.#types = [];
    this.#buffer = [];
    const index = ArrayPrototypeIndexOf(registered, this);
    if (index !== -1) ArrayPrototypeSplice(registered, index, 1);
  }

  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }

  static get supportedEntryTypes() {
    return supportedEntryTypes;
  }

  static {
    offer = (observer, entry) => {
      const wanted = ArrayPrototypeIncludes(observer.#types, typeOfEntry(entry));
      if (wanted) ArrayPrototypePush(observer.#buffer, entry);
      return wanted;
    };
    deliver = (observer) => {
      const entries = observer.#buffer;
      if (entries.length === 0) return;
      observer.#buffer = [];
      // No entry is ever dropped before it is offered.
      const options = observer.#requiresDroppedEntries ? { droppedEntriesCount: 0 } : {};
      observer.#requiresDroppedEntries = false;
      const list = new PerformanceObserverEntryList(privateToken, entries);
      try {
        ReflectApply(observer.#callback, observer, [list, observer, options]);
      } catch (error) {
        reportException(error);
      }
    };
  }
}

configureInterface(PerformanceObserver, { length: 1 });

export class PerformanceObserverEntryList {
  #entries;

  constructor(token, entries) {
    if (token !== privateToken) illegalConstructor();
    this.#entries = entries;
  }

  getEntries() {
    return matchingEntries(this.#entries, undefined, undefined);
  }

  getEntriesByType(type) {
    const prefix = "Failed to execute 'getEntriesByType' on 'PerformanceObserverEntryList'";
    const entries = this.#entries;
    requiredArguments(arguments.length, 1, prefix);
    return matchingEntries(entries, undefined, converters.DOMString(type, prefix, 'Argument 1'));
  }

  getEntriesByName(name, type = undefined) {
    const prefix = "Failed to execute 'getEntriesByName' on 'PerformanceObserverEntryList'";
    const entries = this.#entries;
    requiredArguments(arguments.length, 1, prefix);
    name = converters.DOMString(name, prefix, 'Argument 1');
    return matchingEntries(entries, name, type === undefined ? undefined : converters.DOMString(type, prefix, 'Argument 2'));
  }
}

configureInterface(PerformanceObserverEntryList, { length: 0 });

/** "Queue a PerformanceEntry", as far as observers are concerned. */
export function offerToObservers(entry) {
  let isWanted = false;
  for (let i = 0; i < registered.length; i++) isWanted = offer(registered[i], entry) || isWanted;
  if (isWanted) queueTask();
}

/** "Queue the PerformanceObserver task". */
function queueTask() {
  if (isTaskQueued) return;
  isTaskQueued = true;
  startTimer(1, () => {
    isTaskQueued = false;
    const observers = ArrayPrototypeSlice(registered);
    for (let i = 0; i < observers.length; i++) deliver(observers[i]);
  });
}
