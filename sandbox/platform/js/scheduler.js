// @ts-check
/**
 * `scheduler.wait`, as in Workers (https://developers.cloudflare.com/workers/runtime-apis/scheduler/), and `scheduler.yield` and
 * `postTask` of Prioritized Task Scheduling (https://wicg.github.io/scheduling-apis/) without priorities: tasks run in the order in
 * which they are due.
 */

import { addAbortAlgorithm, isAbortSignal, removeAbortAlgorithm, signalAborted, signalReason } from './abort.js';
import { PromiseReject, PromiseWithResolvers } from './primordials.js';
import { cancelTimer, startTimer } from './timers.js';
import { configureInterface, converters, createDictionaryConverter, createEnumConverter, createInterfaceConverter, illegalConstructor, privateToken, requiredArguments } from './webidl.js';

const toSignal = createInterfaceConverter('AbortSignal', isAbortSignal);
const toWaitOptions = createDictionaryConverter('SchedulerWaitOptions', [{ key: 'signal', converter: toSignal }]);
const toPostTaskOptions = createDictionaryConverter('SchedulerPostTaskOptions', [
  { key: 'delay', converter: converters['unsigned long long'], options: { __proto__: null, enforceRange: true }, defaultValue: () => 0 },
  { key: 'priority', converter: createEnumConverter('TaskPriority', ['user-blocking', 'user-visible', 'background']) },
  { key: 'signal', converter: toSignal },
]);

let brand;

export class Scheduler {
  #brand;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  static {
    brand = (value) => value.#brand;
  }

  wait(delay, options = undefined) {
    try {
      brand(this);
      const prefix = "Failed to execute 'wait' on 'Scheduler'";
      requiredArguments(arguments.length, 1, prefix);
      const milliseconds = converters.long(delay, prefix, 'Argument 1');
      return after(milliseconds < 0 ? 0 : milliseconds, toWaitOptions(options, prefix, 'Argument 2').signal, () => undefined);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  postTask(callback, options = undefined) {
    try {
      brand(this);
      const prefix = "Failed to execute 'postTask' on 'Scheduler'";
      requiredArguments(arguments.length, 1, prefix);
      converters.Function(callback, prefix, 'Argument 1');
      const { delay, signal } = toPostTaskOptions(options, prefix, 'Argument 2');
      return after(delay, signal, () => callback());
    } catch (error) {
      return PromiseReject(error);
    }
  }

  yield() {
    try {
      brand(this);
      return after(0, undefined, () => undefined);
    } catch (error) {
      return PromiseReject(error);
    }
  }
}

configureInterface(Scheduler);

/** The `scheduler` of the global scope. */
export const scheduler = new Scheduler(privateToken);

/** A promise of what `steps()` returns, in a task in `delay` milliseconds; rejected when the signal is aborted before. */
function after(delay, signal, steps) {
  if (signal !== undefined && signalAborted(signal)) return PromiseReject(signalReason(signal));
  const { promise, resolve, reject } = PromiseWithResolvers();
  const abort = () => {
    cancelTimer(id);
    reject(signalReason(signal));
  };
  const id = startTimer(delay, () => {
    if (signal !== undefined) removeAbortAlgorithm(signal, abort);
    try {
      resolve(steps());
    } catch (error) {
      reject(error);
    }
  });
  if (signal !== undefined) addAbortAlgorithm(signal, abort);
  return promise;
}
