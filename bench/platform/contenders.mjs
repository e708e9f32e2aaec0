// Servers that run the workloads: Insula with all that stands around a tenant, workerd, Deno and Node.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const rivals = join(here, '../.cache/node_modules/.bin');
const DATE = '2026-01-01';

/** A server that was started; `stop` ends it. */
class Contender {
  constructor(name, version, pid, port, host, stop) {
    Object.assign(this, { name, version, pid, port, host, stop });
  }
}

export async function startAll(bin, only) {
  const starts = { insula: () => insula(bin), workerd, deno, node };
  const started = [];
  for (const [name, start] of Object.entries(starts)) {
    if (only.includes(name)) started.push(await start());
  }
  return started;
}

async function insula(bin) {
  const folder = mkdtempSync(join(tmpdir(), 'insula-bench-'));
  // Started by root, the server is somebody else, who must get to its data.
  chmodSync(folder, 0o711);
  const program = resolve(bin, 'insula');
  const data = join(folder, 'data');
  // A request of these takes more processor than a tenant has by default, and one more memory.
  writeFileSync(join(folder, 'insula.toml'), '[limits]\nstartup_cpu_ms = 60000\n');
  const port = await freePort();
  const process_ = run(program, ['serve', '--config', join(folder, 'insula.toml'), '--data', data, '--listen', `127.0.0.1:${port}`, '--admin', '127.0.0.1:0', '--insecure-walls']);
  const stop = () => {
    process_.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  await until(() => existsSync(join(data, 'run.json')));
  execFileSync(program, ['deploy', join(here, 'workloads.mjs'), '--tenant', 'bench', '--data', data, '--cpu-ms', '300000', '--wall-ms', '900000', '--memory-mb', '1024', '--max-isolates', '1'], { stdio: 'pipe' });
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  return new Contender('Insula', version, process_.pid, port, `bench.localhost:${port}`, stop);
}

async function workerd() {
  const folder = mkdtempSync(join(tmpdir(), 'insula-bench-'));
  const port = await freePort();
  writeFileSync(join(folder, 'main.js'), readFileSync(join(here, 'workloads.mjs')));
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (compatibilityDate = "${DATE}", modules = [(name = "main", esModule = embed "main.js")]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
  );
  const program = join(rivals, 'workerd');
  const process_ = run(program, ['serve', join(folder, 'config.capnp')]);
  const stop = () => {
    process_.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  return listening(new Contender('workerd', version, process_.pid, port, 'localhost', stop));
}

async function deno() {
  const port = await freePort();
  const program = join(rivals, 'deno');
  const process_ = run(program, ['run', '--no-prompt', '--allow-net', join(here, 'serve-deno.mjs'), String(port)]);
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  return listening(new Contender('Deno', version, process_.pid, port, 'localhost', () => process_.kill()));
}

async function node() {
  const port = await freePort();
  const process_ = run(process.execPath, [join(here, 'serve-node.mjs'), String(port)]);
  return listening(new Contender('Node', `node ${process.version}`, process_.pid, port, 'localhost', () => process_.kill()));
}

function run(program, args) {
  return spawn(program, args, { stdio: ['ignore', 'ignore', process.env.BENCH_DEBUG ? 'inherit' : 'ignore'] });
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function listening(contender) {
  const works = () => fetch(`http://127.0.0.1:${contender.port}/?name=crypto.randomUUID&n=0`).then((response) => response.ok, () => false);
  await until(works);
  return contender;
}

async function until(holds) {
  for (let left = 300; ; left--) {
    if (await holds()) return;
    if (left === 0) throw new Error('a contender does not start');
    await new Promise((done) => setTimeout(done, 100));
  }
}
