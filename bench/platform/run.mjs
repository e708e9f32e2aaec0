#!/usr/bin/env node
// Measures the web platform itself: the workloads of workloads.mjs in Insula, workerd, Deno and Node, in one run, and
// prints a Markdown table. Needs Node 20, and `bench/.cache` as `make bench` fills it.
//
//   node bench/platform/run.mjs --bin target/release [--rounds 5] [--only TEXT] [--contenders insula,workerd,deno,node] [--least 200] [--clock cpu] [--out FILE]
//
// A workload's time is what a request takes that does it n times, less what one takes that does it not at all, seen from
// outside: clocks inside stand still or are coarse. With `--clock cpu` that is the processor time of all threads of the
// contender's processes, by the kernel's own account (Linux; root, because cordons hide), so that what else the machine
// does counts little; with `--clock wall` it is what the client waits. n is chosen for each contender so that a request
// takes `--least` milliseconds by that clock. In a round contenders take turns; medians count.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

import { startAll } from './contenders.mjs';
import { streams, workloads } from './workloads.mjs';

const { values: options } = parseArgs({
  options: {
    bin: { type: 'string', default: 'target/release' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    contenders: { type: 'string', default: 'insula,workerd,deno,node' },
    least: { type: 'string', default: '200' },
    clock: { type: 'string', default: 'cpu' },
    out: { type: 'string' },
  },
});
const agent = new Agent({ keepAlive: true });

prefer(-10);
const contenders = await startAll(options.bin, options.contenders.split(','));
try {
  await measure();
} finally {
  for (const contender of contenders) contender.stop();
  agent.destroy();
}

async function measure() {
  const chosen = [...Object.keys(workloads), ...Object.keys(streams)].filter((name) => name.includes(options.only));
  const lines = [`| workload | ${contenders.map(({ name }) => name).join(' | ')} | Insula ÷ best |`, `|---|${'---:|'.repeat(contenders.length + 1)}`];
  console.log(lines.join('\n'));
  for (const name of chosen) {
    const rows = contenders.map((contender) => ({ contender, times: [] }));
    for (const row of rows) row.n = await repetitions(row.contender, name);
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const row of rows) row.times.push(await once(row.contender, name, row.n));
    }
    lines.push(tableRow(name, rows));
    console.log(lines.at(-1));
  }
  const versions = contenders.map(({ version }) => version).join(', ');
  const clock = options.clock === 'wall' ? 'Wall' : 'Processor';
  lines.push('', `${clock} times of one repetition, medians of ${options.rounds} rounds. ${versions}.`);
  console.log(lines.slice(-2).join('\n'));
  if (options.out !== undefined) {
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, `${lines.join('\n')}\n`);
  }
}

/** How many of a workload take as long as asked for. Warms up on the way. */
async function repetitions(contender, name) {
  const least = Number(options.least);
  for (let n = 1; ; ) {
    const took = (await timed(contender, () => ask(contender, name, n))) / 1e6;
    if (took >= least || n >= 1e8) return n;
    n = Math.ceil(n * Math.min(10, Math.max(1.3, (least * 1.2) / Math.max(took, 1))));
  }
}

/** Nanoseconds of one repetition. */
async function once(contender, name, n) {
  const empty = await timed(contender, () => ask(contender, name, 0));
  const full = await timed(contender, () => ask(contender, name, n));
  return Math.max(full - empty, 0) / n;
}

async function timed(contender, work) {
  const clock = options.clock === 'wall' ? () => Number(process.hrtime.bigint()) : () => processorTime(contender.pid);
  const began = clock();
  await work();
  return clock() - began;
}

/** Nanoseconds that a process and its descendants have had, in all threads that are alive. */
function processorTime(root) {
  const parents = new Map();
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid)) parents.set(pid, read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ')[1]);
  }
  const below = (pid) => pid !== undefined && (pid === String(root) || below(parents.get(pid)));
  let sum = 0;
  for (const pid of parents.keys()) {
    if (!below(pid)) continue;
    for (const thread of readdirSync(`/proc/${pid}/task`)) sum += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  }
  return sum;
}

/** Empty for what has just ended. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Waits for the whole answer. */
function ask({ name: who, port, host }, name, n) {
  return new Promise((done, failed) => {
    const path = `/?name=${encodeURIComponent(name)}&n=${n}`;
    const sent = request({ agent, host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.on('error', failed);
      response.on('data', () => {});
      response.on('end', () => {
        if (response.statusCode === 200) done();
        else failed(new Error(`${who} answers ${response.statusCode} to ${name}`));
      });
    });
    sent.on('error', failed);
    sent.end();
  });
}

function tableRow(name, rows) {
  const medians = rows.map(({ times }) => times.sort((a, b) => a - b)[times.length >> 1]);
  const own = rows.findIndex(({ contender }) => contender.name === 'Insula');
  const best = Math.min(...medians.filter((_, index) => index !== own));
  const ratio = own === -1 || rows.length === 1 ? '–' : `${(best / medians[own]).toFixed(2)}×`;
  return `| ${name} | ${medians.map(shown).join(' | ')} | ${ratio} |`;
}

function shown(nanoseconds) {
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]]) {
    if (nanoseconds >= size) return `${(nanoseconds / size).toPrecision(3)} ${unit}`;
  }
  return `${nanoseconds.toPrecision(3)} ns`;
}

function prefer(niceness) {
  try {
    setPriority(niceness);
  } catch {
    // Only root may; the figures are as good on an idle machine.
  }
}
