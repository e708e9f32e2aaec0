#!/usr/bin/env node
// Looks for built-ins that do not notice an interrupt: deploys each case of `table.mjs` as a tenant of its own, calls it
// once with the CPU limit below, and prints how much CPU the isolate's thread used beyond that limit. Needs Node 20, Linux,
// and to be allowed to read the cordons' /proc (root, or the server's user without namespaces).
//
//   node bench/builtins/run.mjs --bin target/release [--memory 128] [--repeat 1] [--only TEXT] [--above 100] [--json FILE] [--to-the-end]
//
// `--bin` is the folder with `insula` and `insula-cordon`. With `--only`, cases whose area or name has TEXT, or that a /regular expression/
// matches. `--to-the-end` raises the CPU limit to 6 s, so that the figures are how long each call takes to its end, or
// that it has none within 8 s.
//
// CPU time and not wall time is what counts: the machine may have other things to do. It is read from the scheduler's
// own account of each isolate's thread (/proc/PID/task/TID/schedstat), every 2 ms, as a dead thread's cannot be read.

import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const MiB = 2 ** 20;
/** The default of Insula. */
const CPU_MS = 50;
const START_MS = 400;
/** With `--to-the-end`, so that a call without an end does not keep the machine busy. */
const LATE_CPU_MS = 6000;
const PATIENCE_MS = 120_000;

async function main() {
  const { values: options } = parseArgs({
    options: {
      bin: { type: 'string' },
      memory: { type: 'string', default: '128' },
      repeat: { type: 'string', default: '1' },
      above: { type: 'string', default: '100' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      'to-the-end': { type: 'boolean', default: false },
    },
  });
  if (options.bin === undefined) throw new Error('--bin DIR is required: the folder with insula and insula-cordon');
  const { cases, sources } = await import('./table.mjs');
  const chosen = (name, area) => {
    const expression = /^\/(.*)\/$/.exec(options.only);
    return expression ? new RegExp(expression[1]).test(name) : `${area} ${name}`.includes(options.only);
  };
  const memory = Number(options.memory);
  const jobs = [
    ...Object.entries(cases).map(([name, { area, about }]) => ({ name, area, about, modules: () => caseModules(name, memory) })),
    ...Object.entries(sources).map(([name, [about, make, start]]) => ({ name, area: 'Parser', about, modules: () => sourceModules(make(), start), atStart: start === '' })),
  ].filter(({ name, area }) => chosen(name, area));

  // Preparing arguments takes long, and is allowed; parsing is measured against the default.
  const server = await Server.start(options.bin, 120_000);
  const strict = await Server.start(options.bin, START_MS);
  const results = [];
  try {
    for (const [index, job] of jobs.entries()) {
      const runs = [];
      for (let round = 0; round < Number(options.repeat); round++) {
        runs.push(await measure(job.atStart ? strict : server, job, { memory, index, round, endless: options['to-the-end'] }));
      }
      runs.sort((a, b) => a.cpu - b.cpu);
      const median = runs[runs.length >> 1];
      const result = { name: job.name, area: job.area, about: job.about, memory, ...median, runs: runs.map((run) => Math.round(run.cpu)) };
      results.push(result);
      process.stderr.write(`${line(result)}\n`);
      if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 1));
    }
  } finally {
    await server.stop();
    await strict.stop();
  }
  print(results, Number(options.above));
}

/** A case with its arguments ready before the first request: top-level evaluation has a limit of its own. */
function caseModules(name, memory) {
  return {
    'index.mjs': `
      import { cases } from './table.mjs';
      const { prepare, call } = cases[${JSON.stringify(name)}];
      const input = prepare(${memory * MiB});
      export default {
        async fetch(request) {
          if (request.url.endsWith('/ready')) return new Response('ready');
          try { return new Response(String(await call(input))); }
          catch (error) { return new Response('threw ' + String(error).slice(0, 200)); }
        },
      };`,
    'table.mjs': null,
  };
}

/** Code that shall be parsed at the start or, if `start` calls it, in the request. */
function sourceModules(source, start) {
  const handler = `export default { fetch(request) { if (request.url.endsWith('/ready')) return new Response('ready'); ${start}; return new Response('done'); } };`;
  return { 'index.mjs': `${source}\n${handler}` };
}

/** One run in a fresh isolate. */
async function measure(server, job, { memory, index, round, endless }) {
  const tenant = `case-${index}-${round}`;
  const folder = mkdtempSync(join(tmpdir(), 'insula-builtins-'));
  const limit = endless ? LATE_CPU_MS : CPU_MS;
  try {
    for (const [file, code] of Object.entries(job.modules())) {
      if (code === null) copyFileSync(fileURLToPath(new URL(file, import.meta.url)), join(folder, file));
      else writeFileSync(join(folder, file), code);
    }
    const deploy = () => server.insula('deploy', folder, '--tenant', tenant, '--cpu-ms', String(limit), '--memory-mb', String(memory), '--wall-ms', '120000');
    if (job.atStart) return await server.watched(deploy, (said) => ({ outcome: said.code === 0 ? 'started' : said.text.split('\n')[0].slice(0, 120), limit: START_MS }));
    const deployed = await deploy();
    if (deployed.code !== 0) return { outcome: `not deployed: ${deployed.text.slice(0, 300)}`, cpu: 0, wall: 0, limit };
    // The isolate that tried the start may not be the one that serves.
    await server.get(tenant, '/ready');
    return await server.watched(() => server.get(tenant, '/call'), ({ status, code, body }) => ({ outcome: code ?? (status === 200 ? `done: ${body.slice(0, 100)}` : `${status} ${body.slice(0, 100)}`), limit: CPU_MS }));
  } finally {
    await server.insula('delete', tenant);
    rmSync(folder, { recursive: true, force: true });
  }
}

class Server {
  static async start(bin, startMs) {
    const server = new Server();
    server.bin = bin;
    server.folder = mkdtempSync(join(tmpdir(), 'insula-builtins-server-'));
    // The server becomes another user when root starts it.
    execFile('chmod', ['755', server.folder]);
    const config = join(server.folder, 'insula.toml');
    writeFileSync(config, `[limits]\nstartup_cpu_ms = ${startMs}\nwall_ms = 120000\n`);
    server.data = join(server.folder, 'data');
    mkdirSync(server.data);
    server.log = join(server.folder, 'log');
    const log = openSync(server.log, 'w');
    server.process = spawn(join(bin, 'insula'), ['serve', '--config', config, '--data', server.data, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--log-format', 'json'], { stdio: ['ignore', log, log] });
    for (let tries = 0; ; tries++) {
      try {
        server.listen = JSON.parse(readFileSync(join(server.data, 'run.json'), 'utf8')).listen;
        break;
      } catch (error) {
        if (tries > 200 || server.process.exitCode !== null) throw new Error(`the server does not start: ${readFileSync(server.log, 'utf8')}`, { cause: error });
        await new Promise((done) => setTimeout(done, 100));
      }
    }
    return server;
  }

  async stop() {
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGTERM'), 2000);
    await ended;
    clearTimeout(late);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async insula(...args) {
    try {
      const { stdout, stderr } = await promisify(execFile)(join(this.bin, 'insula'), [...args, '--data', this.data], { timeout: 300_000 });
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      return { code: error.code ?? 1, text: `${error.stderr}${error.stdout}` };
    }
  }

  /** The server's log so far. */
  said() {
    return readFileSync(this.log, 'utf8');
  }

  get(tenant, path) {
    const [host, port] = this.listen.split(':');
    return new Promise((done) => {
      const asked = request({ host, port, path, headers: { host: `${tenant}.localhost` }, agent: false }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece) => (body += piece));
        answer.on('end', () => done({ status: answer.statusCode, code: answer.headers['insula-error'], body }));
        answer.on('error', (error) => done({ status: 0, body: String(error) }));
      });
      asked.on('error', (error) => done({ status: 0, body: String(error) }));
      asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error('given up')));
      asked.end();
    });
  }

  /** Does `work` and tells what the busiest isolate's thread used of the processor meanwhile, and how long it took. */
  async watched(work, judge) {
    const threads = isolates(this.process.pid);
    const shared = new SharedArrayBuffer(16);
    // A thread begins with its creator's priority: it must get to look while the isolate keeps the processor busy.
    prefer(-15);
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { threads, shared, server: this.process.pid } });
    await new Promise((ready) => worker.once('message', ready));
    prefer(0);
    const logged = this.said().length;
    const begin = performance.now();
    const result = await work();
    const wall = performance.now() - begin;
    Atomics.store(new Int32Array(shared), 0, 1);
    const cpu = await new Promise((told) => worker.once('message', told));
    const { outcome, limit } = judge(result);
    // Why the cordon died, if it did: the server has it from the cordon's last words a moment later.
    if (/cordon/.test(outcome)) await new Promise((done) => setTimeout(done, 100));
    const why = /MOZ_CRASH\((.*?)\) at|"offence":"(IgnoredInterrupt|Crash)"/.exec(this.said().slice(logged));
    if (why) return { outcome: `${outcome}: ${why[1] ?? why[2]}`, cpu, wall, limit, overrun: cpu - limit };
    return { outcome, cpu, wall, limit, overrun: cpu - limit };
  }
}

/** The threads of isolates in all cordons below a server: paths of what the scheduler tells about them. */
function isolates(server) {
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(pid, readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
    } catch {}
  }
  const below = (pid) => pid !== undefined && (pid === String(server) || below(parents.get(pid)));
  const found = [];
  for (const pid of parents.keys()) {
    try {
      if (!below(pid) || readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'insula-cordon\n') continue;
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const path = `/proc/${pid}/task/${thread}`;
        if (readFileSync(`${path}/comm`, 'utf8') === 'isolate\n') found.push(`${path}/schedstat`);
      }
    } catch {}
  }
  return found;
}

function prefer(niceness) {
  try {
    setPriority(niceness);
  } catch {
    // Only root may; the figures are as good on an idle machine.
  }
}

/** In a thread of its own, so that nothing else delays it. */
async function sample() {
  const { parentPort } = await import('node:worker_threads');
  const { threads, shared, server } = workerData;
  const flags = new Int32Array(shared);
  const used = (path) => {
    try {
      return Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      return undefined;
    }
  };
  const before = new Map(threads.map((path) => [path, used(path) ?? 0]));
  let most = 0;
  parentPort.postMessage('ready');
  for (let round = 1; ; round++) {
    const last = Atomics.load(flags, 0) === 1;
    // A deploy may start an isolate in a thread that is new.
    if (round % 25 === 0) for (const path of isolates(server)) if (!before.has(path)) before.set(path, 0);
    for (const [path, start] of before) most = Math.max(most, (used(path) ?? 0) - start);
    if (last) break;
    Atomics.wait(flags, 1, 0, 2);
  }
  parentPort.postMessage(most);
}

function line({ name, outcome, cpu, wall, overrun = 0, memory, runs }) {
  const beyond = Math.round(overrun);
  return `${String(beyond).padStart(6)} ms beyond ${String(Math.round(cpu)).padStart(6)} cpu ${String(Math.round(wall)).padStart(6)} wall  ${String(memory).padStart(4)} MiB  ${name}: ${outcome}${runs.length > 1 ? ` (${runs})` : ''}`;
}

function print(results, above) {
  const shown = results.filter((result) => result.overrun > above).sort((a, b) => b.overrun - a.overrun);
  console.log(`| built-in | argument | beyond the limit | outcome |\n|---|---|---|---|`);
  for (const { name, about, overrun, outcome } of shown) console.log(`| ${name} | ${about} | ${Math.round(overrun)} ms | ${outcome} |`);
  console.log(`\n${results.length} cases, ${shown.length} more than ${above} ms beyond the limit`);
}

// Last: classes are not there before they are reached.
if (isMainThread) await main();
else await sample();
