// @ts-check
/** `node:cluster`, by name alone: the host decides how many isolates there are. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('cluster', [
    'Worker', 'setupPrimary', 'setupMaster', 'fork', 'disconnect',
  ]),
  isMaster: true,
  isPrimary: true,
  isWorker: false,
  schedulingPolicy: 2,
  settings: {},
  workers: {},
  SCHED_NONE: 1,
  SCHED_RR: 2,
};

export const {
  Worker, setupPrimary, setupMaster, fork, disconnect, isMaster, isPrimary, isWorker, schedulingPolicy, settings, workers, SCHED_NONE, SCHED_RR,
} = module;
export default module;
