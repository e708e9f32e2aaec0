// @ts-check
/**
 * Aborting ongoing activities, of the DOM Standard (https://dom.spec.whatwg.org/#aborting-ongoing-activities).
 */

import { EventTarget, defineEventHandler, fireEvent, hasEventListener, setAbortHooks } from './event.js';
import { ArrayPrototypePush } from './primordials.js';
import {
  Set, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach, SetPrototypeGetSize, WeakRef, WeakRefPrototypeDeref,
} from './primordials/collections.js';
import { startTimer } from './timers.js';
import {
  configureInterface, converters, createDOMException, createInterfaceConverter, createSequenceConverter, illegalConstructor, privateToken,
  requiredArguments,
} from './webidl.js';

/** Whether `value` is an AbortSignal. */
export let isAbortSignal;
/** Whether the signal is aborted. */
export let signalAborted;
/** The signal's abort reason; undefined until it is aborted. */
export let signalReason;
/** Runs `algorithm()` once when the signal is aborted; does nothing when it already is. */
export let addAbortAlgorithm;
/** Takes back `addAbortAlgorithm`. */
export let removeAbortAlgorithm;
/** "Signal abort": without a reason it is a fresh AbortError. */
export let signalAbort;
/** "Create a dependent abort signal" from an array of AbortSignals. */
export let createDependentAbortSignal;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  /** A Set of functions; undefined when there is none. */
  #algorithms = undefined;
  /** Only for results of `any`: the signals without sources of their own that this one follows. */
  #sources = undefined;
  /** WeakRefs of the signals that follow this one. */
  #dependents = undefined;
  /** The dependents that somebody waits on: they must live as long as this signal. */
  #awaitedDependents = undefined;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
    super();
  }

  static abort(reason = undefined) {
    const signal = createAbortSignal();
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(milliseconds) {
    const prefix = "Failed to execute 'timeout' on 'AbortSignal'";
    requiredArguments(arguments.length, 1, prefix);
    milliseconds = converters['unsigned long long'](milliseconds, prefix, 'Argument 1', { __proto__: null, enforceRange: true });
    const signal = createAbortSignal();
    startTimer(milliseconds, () => signalAbort(signal, createDOMException('The operation timed out.', 'TimeoutError')));
    return signal;
  }

  static any(signals) {
    const prefix = "Failed to execute 'any' on 'AbortSignal'";
    requiredArguments(arguments.length, 1, prefix);
    return createDependentAbortSignal(toSignals(signals, prefix, 'Argument 1'));
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  /** "Run the abort steps". */
  #runAbortSteps() {
    const algorithms = this.#algorithms;
    this.#algorithms = undefined;
    if (algorithms !== undefined) SetPrototypeForEach(algorithms, (algorithm) => algorithm());
    fireEvent(this, 'abort');
  }

  /** Tells the sources whether somebody waits on this dependent signal. */
  #updateAwaited() {
    const awaited = !this.#aborted && (this.#algorithms !== undefined || hasEventListener(this, 'abort'));
    for (let i = 0; i < this.#sources.length; i++) {
      const source = this.#sources[i];
      if (awaited) SetPrototypeAdd((source.#awaitedDependents ??= new Set()), this);
      else if (source.#awaitedDependents !== undefined) SetPrototypeDelete(source.#awaitedDependents, this);
    }
  }

  #follow(source) {
    for (let i = 0; i < this.#sources.length; i++) if (this.#sources[i] === source) return;
    ArrayPrototypePush(this.#sources, source);
    const dependents = (source.#dependents ??= { refs: [], limit: 16 });
    if (dependents.refs.length >= dependents.limit) dropCollected(dependents);
    ArrayPrototypePush(dependents.refs, new WeakRef(this));
  }

  static {
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    signalAborted = (signal) => signal.#aborted;
    signalReason = (signal) => signal.#reason;

    addAbortAlgorithm = (signal, algorithm) => {
      if (signal.#aborted) return;
      SetPrototypeAdd((signal.#algorithms ??= new Set()), algorithm);
      if (signal.#sources !== undefined) signal.#updateAwaited();
    };

    removeAbortAlgorithm = (signal, algorithm) => {
      const algorithms = signal.#algorithms;
      if (algorithms === undefined) return;
      SetPrototypeDelete(algorithms, algorithm);
      if (SetPrototypeGetSize(algorithms) === 0) signal.#algorithms = undefined;
      if (signal.#sources !== undefined) signal.#updateAwaited();
    };

    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason === undefined ? abortError() : reason;
      const dependents = takeUnaborted(signal);
      for (let i = 0; i < dependents.length; i++) {
        dependents[i].#aborted = true;
        dependents[i].#reason = signal.#reason;
      }
      signal.#runAbortSteps();
      for (let i = 0; i < dependents.length; i++) dependents[i].#runAbortSteps();
    };

    createDependentAbortSignal = (signals) => {
      const result = createAbortSignal();
      for (let i = 0; i < signals.length; i++) {
        if (!signals[i].#aborted) continue;
        result.#aborted = true;
        result.#reason = signals[i].#reason;
        return result;
      }
      result.#sources = [];
      for (let i = 0; i < signals.length; i++) {
        const sources = signals[i].#sources;
        if (sources === undefined) result.#follow(signals[i]);
        else for (let j = 0; j < sources.length; j++) result.#follow(sources[j]);
      }
      return result;
    };

    const takeUnaborted = (signal) => {
      const taken = [];
      const dependents = signal.#dependents;
      signal.#dependents = undefined;
      signal.#awaitedDependents = undefined;
      if (dependents === undefined) return taken;
      for (let i = 0; i < dependents.refs.length; i++) {
        const dependent = WeakRefPrototypeDeref(dependents.refs[i]);
        if (dependent !== undefined && !dependent.#aborted) ArrayPrototypePush(taken, dependent);
      }
      return taken;
    };

    setAbortHooks({
      __proto__: null,
      isAbortSignal,
      aborted: signalAborted,
      add: addAbortAlgorithm,
      listenersChanged(signal) {
        if (signal.#sources !== undefined) signal.#updateAwaited();
      },
    });
  }
}

configureInterface(AbortSignal, { length: 0, inspectable: ['aborted'] });
defineEventHandler(AbortSignal.prototype, 'abort');

/** A new signal that nobody has aborted. */
export function createAbortSignal() {
  return new AbortSignal(privateToken);
}

export class AbortController {
  #signal = createAbortSignal();

  get signal() {
    return this.#signal;
  }

  abort(reason = undefined) {
    signalAbort(this.#signal, reason);
  }
}

configureInterface(AbortController, { inspectable: ['signal'] });

const toSignals = createSequenceConverter(createInterfaceConverter('AbortSignal', isAbortSignal));

function abortError() {
  return createDOMException('The operation was aborted.', 'AbortError');
}

/** Keeps the list of a long-lived signal proportional to its living dependents. */
function dropCollected(dependents) {
  const living = [];
  for (let i = 0; i < dependents.refs.length; i++) {
    if (WeakRefPrototypeDeref(dependents.refs[i]) !== undefined) ArrayPrototypePush(living, dependents.refs[i]);
  }
  dependents.refs = living;
  dependents.limit = living.length < 8 ? 16 : living.length * 2;
}
