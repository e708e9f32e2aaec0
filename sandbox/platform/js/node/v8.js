// @ts-check
/** `node:v8`, by name alone: the engine is another. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('v8', [
    'cachedDataVersionTag', 'getHeapSnapshot', 'getHeapStatistics', 'getHeapSpaceStatistics', 'getHeapCodeStatistics', 'setFlagsFromString', 'Serializer',
    'Deserializer', 'DefaultSerializer', 'DefaultDeserializer', 'deserialize', 'takeCoverage', 'stopCoverage', 'serialize', 'writeHeapSnapshot', 'queryObjects',
    'setHeapSnapshotNearHeapLimit', 'GCProfiler',
  ]),
};

export const {
  cachedDataVersionTag, getHeapSnapshot, getHeapStatistics, getHeapSpaceStatistics, getHeapCodeStatistics, setFlagsFromString, Serializer, Deserializer,
  DefaultSerializer, DefaultDeserializer, deserialize, takeCoverage, stopCoverage, serialize, writeHeapSnapshot, queryObjects, setHeapSnapshotNearHeapLimit,
  GCProfiler,
} = module;
export default module;
