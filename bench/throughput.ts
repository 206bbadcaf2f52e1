import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import autocannon from 'autocannon';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, emitApp } from '../tests/emitted/emitted-app.ts';
import { median } from './measure.ts';

/**
 * `node bench/throughput.ts [rounds] [seconds]`: an emitted app with every protection against a bare server of the same
 * framework, same route, in turn; without and with its access log, which the bare server has not. The coarse limits are
 * raised, so that nothing is refused.
 */
const [rounds = '7', seconds = '3'] = process.argv.slice(2);
const connections = 40;

interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  readonly startMs: number;
}

const raisedLimits = { RATE_LIMIT_REQUESTS: '1000000', RATE_LIMIT_WINDOW_MS: '1000', MAX_REQUESTS_PER_SOCKET: '1000000' };

const start = async (name: string, cwd: string, file: string, port: number, accessLog: 'on' | 'off'): Promise<Server> => {
  const started = performance.now();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.execPath, ['--disable-proto=delete', file], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], PORT: String(port), BASE_URL: url, ACCESS_LOG: accessLog, ...raisedLimits },
  });
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return { name, process: server, url, startMs: performance.now() - started };
    if (server.exitCode !== null) break;
    await wait(20);
  }
  server.kill('SIGKILL');
  throw new Error(`${name} does not answer`);
};

const ticksPerSecond = 100;

/** CPU time of a process so far, microseconds; undefined where there is no /proc. */
const cpuTime = ({ pid }: ChildProcess): number | undefined => {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
};

const memory = ({ pid }: ChildProcess): number => {
  const match = /VmHWM:\s+(\d+)/.exec(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  return Number(match?.[1] ?? Number.NaN) / 1024;
};

interface Load {
  readonly rps: number;
  readonly microseconds: number;
}

const load = async (server: Server, duration: number): Promise<Load> => {
  const before = cpuTime(server.process) ?? Number.NaN;
  const result = await autocannon({ url: `${server.url}/healthz`, connections, duration });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${server.name}: ${result.non2xx} refused, ${result.errors} errors`);
  return { rps: result.requests.total / result.duration, microseconds: ((cpuTime(server.process) ?? Number.NaN) - before) / result.requests.total };
};

const measure = async (target: Target, accessLog: 'on' | 'off'): Promise<void> => {
  const app = emitApp(`bench-${accessLog}`, target, allProtections);
  const bare = await start(`bare ${target}`, import.meta.dirname, `bare-${target}.ts`, 41_001, accessLog);
  const emitted = await start(`emitted ${target}`, app.directory, path.join('src', 'server.ts'), 41_002, accessLog);
  try {
    for (const server of [bare, emitted]) await load(server, 2);
    const runs: (readonly [Load, Load])[] = [];
    for (let round = 0; round < Number(rounds); round += 1) runs.push([await load(bare, Number(seconds)), await load(emitted, Number(seconds))]);
    const cells = [
      median(runs.map(([a]) => a.rps)).toFixed(0),
      median(runs.map(([, b]) => b.rps)).toFixed(0),
      median(runs.map(([a, b]) => b.rps / a.rps)).toFixed(2),
      median(runs.map(([a]) => a.microseconds)).toFixed(1),
      median(runs.map(([, b]) => b.microseconds)).toFixed(1),
      median(runs.map(([a, b]) => b.microseconds / a.microseconds)).toFixed(2),
      `${bare.startMs.toFixed(0)} / ${emitted.startMs.toFixed(0)}`,
      `${memory(bare.process).toFixed(0)} / ${memory(emitted.process).toFixed(0)}`,
    ];
    console.log(`| ${[target, accessLog, ...cells].join(' | ')} |`);
  } finally {
    bare.process.kill('SIGKILL');
    emitted.process.kill('SIGKILL');
  }
};

const columns = ['target', 'access log', 'rps bare', 'rps app', 'rps ratio', 'CPU µs bare', 'CPU µs app', 'CPU ratio', 'start, ms, bare / app', 'peak MB, bare / app'];
console.log(`| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}`);
for (const target of targets) {
  for (const accessLog of ['off', 'on'] as const) await measure(target, accessLog);
}
