// @ts-check
/** `node:perf_hooks` (https://nodejs.org/docs/latest-v20.x/api/perf_hooks.html): the global `performance`. */

import { Performance, performance } from '../performance.js';
import { PerformanceEntry, PerformanceMark, PerformanceMeasure } from '../user_timing.js';
import { stubs } from './unavailable.js';

export { Performance, performance, PerformanceEntry, PerformanceMark, PerformanceMeasure };
export const constants = {
  NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16, NODE_PERFORMANCE_GC_FLAGS_NO: 0,
  NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2, NODE_PERFORMANCE_GC_FLAGS_FORCED: 4, NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
  NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16, NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
};
const absent = stubs('perf_hooks', ['PerformanceObserver', 'PerformanceObserverEntryList', 'PerformanceResourceTiming', 'createHistogram', 'monitorEventLoopDelay']);
export const { PerformanceObserver, PerformanceObserverEntryList, PerformanceResourceTiming, createHistogram, monitorEventLoopDelay } = absent;
export default { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, ...absent, performance, constants };
