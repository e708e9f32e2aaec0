// @ts-check
/** `node:worker_threads`, by name alone: an isolate is one thread. What is called throws an error that names it. */

import { BroadcastChannel } from '../broadcast_channel.js';
import { MessageChannel, MessagePort } from '../message_port.js';
import { SymbolFor } from '../primordials.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('worker_threads', [
    'markAsUntransferable', 'moveMessagePortToContext', 'receiveMessageOnPort', 'postMessageToThread', 'Worker', 'setEnvironmentData', 'getEnvironmentData',
  ]),
  BroadcastChannel,
  MessageChannel,
  MessagePort,
  isMainThread: true,
  threadId: 0,
  parentPort: null,
  workerData: null,
  resourceLimits: {},
  SHARE_ENV: SymbolFor('nodejs.worker_threads.SHARE_ENV'),
};

export const {
  markAsUntransferable, moveMessagePortToContext, receiveMessageOnPort, postMessageToThread, Worker, setEnvironmentData, getEnvironmentData, isMainThread, threadId,
  parentPort, workerData, resourceLimits, SHARE_ENV,
} = module;
export { BroadcastChannel, MessageChannel, MessagePort };
export default module;
