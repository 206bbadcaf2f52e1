import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Question, ask } from './client.ts';
import { median } from './measure.ts';

/** Nothing may be refused while it is measured. */
export const raisedLimits = { RATE_LIMIT_REQUESTS: '1000000', RATE_LIMIT_WINDOW_MS: '1000', MAX_REQUESTS_PER_SOCKET: '1000000' };

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
export const cpuTime = ({ pid }: ChildProcess): number => {
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

/** What one round showed. */
export interface Load {
  readonly rps: number;
  /** CPU time of the server for one request. */
  readonly microseconds: number;
}

const connections = 40;

/** Asks one server for `seconds`. */
export const load = async (server: Server, question: Question, seconds: number): Promise<Load> => {
  const [before, started] = [cpuTime(server.process), performance.now()];
  const answers = await ask(server.url, question, connections, seconds);
  return { rps: (answers * 1000) / (performance.now() - started), microseconds: (cpuTime(server.process) - before) / answers };
};

/** Asks until the code is compiled, which takes thousands of requests and not a time: a busy machine would be measured while it compiles. */
const warmUp = async ({ url }: Server, question: Question): Promise<void> => {
  const started = performance.now();
  for (let answers = 0; answers < 10_000 && performance.now() - started < 15_000; ) answers += await ask(url, question, connections, 1);
};

/** Measures all servers in turn, `rounds` times, so that the drift of a shared machine meets all of them. */
export const loadInTurn = async (servers: readonly { readonly server: Server; readonly question: Question }[], rounds: number, seconds: number): Promise<Load[][]> => {
  for (const { server, question } of servers) await warmUp(server, question);
  const runs = servers.map((): Load[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { server, question }] of servers.entries()) runs[index]?.push(await load(server, question, seconds));
  }
  return runs;
};

/** Requests a second and CPU time as cells of a table: the figure, and the median of the ratios to `bare`, round by round. */
export const cellsOf = (bare: readonly Load[], loads: readonly Load[]): string[] => {
  const ratio = (figure: (bare: Load, own: Load) => number): string => median(loads.map((own, round) => figure(bare[round] ?? own, own))).toFixed(2);
  return [
    median(loads.map(({ rps }) => rps)).toFixed(0),
    ratio((one, own) => own.rps / one.rps),
    median(loads.map(({ microseconds }) => microseconds)).toFixed(1),
    ratio((one, own) => one.microseconds / own.microseconds),
  ];
};

export const printRow = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

export const printHead = (columns: readonly string[]): void => {
  printRow(columns);
  console.log(`|${'---|'.repeat(columns.length)}`);
};
