import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { type EmittedApp, emitApp } from '../tests/emitted/emitted-app.ts';
import { median } from './measure.ts';
import { type AppDatabase, databases } from './people.ts';
import { type Server, cpuTime, peakMemory, printHead, printRow, start, stop } from './servers.ts';

/**
 * `node bench/uploads.ts [rounds] [MiB]`: one file through an emitted app with everything that an upload passes, against a bare streaming handler
 * of the same framework with the same parser, in turn; then a gibibyte through each, for the memory. A film: nothing makes it anew.
 * The embedded database alone takes a gigabyte when it is made: the memory of uploads shows with a DATABASE_URL.
 */
const [rounds = '9', mebibytes = '100'] = process.argv.slice(2);

/** What a request passes on its way to the handler of uploads. */
const protections = ['headers', 'host-check', 'request-hygiene', 'validation', 'errors', 'logging', 'database', 'access-control', 'rate-limit', 'file-permissions', 'uploads'];

const mebibyte = 1_048_576;
const boundary = 'boundary-of-the-bench';
const before = Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="film.mp4"\r\ncontent-type: video/mp4\r\n\r\n`);
const after = Buffer.from(`\r\n--${boundary}--\r\n`);
const film = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isomiso2mp41'), Buffer.alloc(mebibyte - 28, 7)]);

const folder = mkdtempSync(path.join(tmpdir(), 'bench-uploads-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const settings = {
  STORAGE_DIR: folder,
  DEV_IDENTITY: 'true',
  UPLOAD_TYPES: 'video/mp4',
  UPLOAD_MAX_BYTES: String(2048 * mebibyte),
  UPLOAD_QUOTA_BYTES: String(8192 * mebibyte),
  UPLOAD_TIMEOUT_MS: '600000',
  REQUEST_TIMEOUT_MS: '600000',
};

interface Run {
  readonly ms: number;
  readonly microseconds: number;
}

let sender = 0;

/** Sends a film of `size` MiB, and measures until the answer. Each comes from somebody else: the limit on uploads is one by user. */
const send = async (server: Server, size: number): Promise<Run> => {
  sender += 1;
  const headers = { authorization: `Dev sender-${sender}`, 'content-type': `multipart/form-data; boundary=${boundary}` };
  const length = before.length + size * mebibyte + after.length;
  const [cpu, started] = [cpuTime(server.process), performance.now()];
  const request = httpRequest(`${server.url}/api/v1/files`, { method: 'POST', agent: false, headers: { ...headers, 'content-length': length } });
  const answered = new Promise<number>((resolve, reject) => request.on('error', reject).on('response', (answer) => resolve(answer.resume().statusCode ?? 0)));
  request.write(before);
  for (let sent = 0; sent < size; sent += 1) if (!request.write(film)) await once(request, 'drain');
  request.end(after);
  const status = await answered;
  if (status !== 201) throw new Error(`${server.name} answered ${status}`);
  const run = { ms: performance.now() - started, microseconds: cpuTime(server.process) - cpu };
  for (const id of await stored(server, headers.authorization)) await fetch(`${server.url}/api/v1/files/${id}`, { method: 'DELETE', headers: { authorization: headers.authorization } });
  return run;
};

const stored = async ({ url, name }: Server, authorization: string): Promise<string[]> => {
  if (name.startsWith('bare')) return [];
  const text = await (await fetch(`${url}/api/v1/files`, { headers: { authorization } })).text();
  return [...text.matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
};

const measure = async (target: Target, app: EmittedApp, database: AppDatabase): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const bare = await start(`bare ${target}`, import.meta.dirname, `bare-upload-${target}.ts`, { STORAGE_DIR: folder });
  const own = await start(`${target}, uploads`, app.directory, path.join('src', 'server.ts'), { ...settings, ...database.env });
  const servers = [bare, own];
  const size = Number(mebibytes);
  for (const server of servers) await send(server, 1);
  const runs = servers.map((): Run[] => []);
  for (let round = 0; round < Number(rounds); round += 1) for (const [index, server] of servers.entries()) runs[index]?.push(await send(server, size));
  const memory = servers.map((server) => peakMemory(server));
  for (const server of servers) await send(server, 1024);
  for (const [index, server] of servers.entries()) {
    const ownRuns = runs[index] ?? [];
    const ratio = (figure: keyof Run): string => median(ownRuns.map((run, round) => (runs[0]?.[round]?.[figure] ?? Number.NaN) / run[figure])).toFixed(2);
    const rate = median(ownRuns.map(({ ms }) => (size * 1000) / ms)).toFixed(0);
    const cpu = median(ownRuns.map(({ microseconds }) => microseconds / 1000)).toFixed(0);
    printRow([target, database.name, index === 0 ? 'bare' : 'uploads', rate, ratio('ms'), cpu, ratio('microseconds'), (memory[index] ?? Number.NaN).toFixed(0), peakMemory(server).toFixed(0)]);
    stop(server);
  }
};

printHead(['target', 'database', 'app', 'MiB/s', 'to bare', 'CPU, ms', 'bare / app', `peak after ${mebibytes} MiB, MB`, 'peak after 1 GiB, MB']);
for (const target of targets) {
  const app = emitApp('uploads', target, protections);
  for await (const database of databases(app)) await measure(target, app, database);
}
