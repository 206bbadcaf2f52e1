import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import autocannon from 'autocannon';

/** A server under measurement. Ends with this process at the latest. */
export interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  /** From its start to its first answer. */
  readonly startMs: number;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts `file` with Node on a free port, and waits until `/healthz` answers.
 * @throws Error when it does not within a minute.
 */
export const start = async (name: string, cwd: string, file: string, env: Readonly<Record<string, string>>): Promise<Server> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn(process.execPath, ['--disable-proto=delete', file], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], PORT: String(port), BASE_URL: url, ...env },
  });
  running.add(child);
  while (performance.now() - started < 60_000 && child.exitCode === null) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok === true) return { name, process: child, url, startMs: performance.now() - started };
    await wait(20);
  }
  stop({ process: child });
  throw new Error(`${name} does not answer`);
};

export const stop = ({ process: child }: Pick<Server, 'process'>): void => {
  running.delete(child);
  child.kill('SIGKILL');
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
};

const ticksPerSecond = 100;

/** CPU time of a process so far, microseconds; NaN where there is no /proc. */
const cpuTime = ({ pid }: ChildProcess): number => {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
};

/** The most memory that a server has had, MB. */
export const peakMemory = ({ process: { pid } }: Server): number => {
  const match = /VmHWM:\s+(\d+)/.exec(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  return Number(match?.[1] ?? Number.NaN) / 1024;
};

/** What is asked, by how many at once. */
export interface Question {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly connections?: number;
}

export interface Load {
  readonly rps: number;
  /** CPU time of the server for one request. */
  readonly microseconds: number;
}

/** @throws Error when a request is refused: what is measured would not be what is meant. */
export const load = async (server: Server, { path, connections = 40, ...request }: Question, seconds: number): Promise<Load> => {
  const before = cpuTime(server.process);
  const result = await autocannon({ url: server.url + path, connections, duration: seconds, ...request });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${server.name}: ${result.non2xx} refused, ${result.errors} errors`);
  return { rps: result.requests.total / result.duration, microseconds: (cpuTime(server.process) - before) / result.requests.total };
};
