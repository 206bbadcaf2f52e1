import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';

const tsc = path.join(repositoryRoot, 'node_modules/.bin/tsc');

/** Compiles the repo as its own build would, its tests too. Returns the output of a compiler that complains. */
export const compile = async (root: string, ...flags: readonly string[]): Promise<string> => {
  const { stdout, failed } = await execa(tsc, ['--project', root, ...flags], { cwd: root, reject: false });
  return failed ? stdout : '';
};

/** Where the compiled repo stands: the ES modules of a bundler get the extensions that Node wants. */
export const outputOf = async (root: string, { rewrite }: { readonly rewrite: boolean }): Promise<string> => {
  const output = path.join(root, '.out');
  mkdirSync(output, { recursive: true });
  const config = { extends: '../tsconfig.json', compilerOptions: { noEmit: false, outDir: '.', rootDir: '..', ...(rewrite ? { rewriteRelativeImportExtensions: true } : {}) }, include: ['../src', '../server', '../test', '../tests'], exclude: ['../**/__tests__/**', '../test/*.ts'] };
  writeFileSync(path.join(output, 'tsconfig.json'), JSON.stringify(config));
  const complaint = await compile(output);
  if (complaint !== '' && !existsSync(path.join(output, 'src')) && !existsSync(path.join(output, 'server'))) throw new Error(complaint);
  return output;
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
};

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export type Send = (method: string, target: string, headers?: Readonly<Record<string, string>>, body?: string) => Promise<Received>;

/** Starts a program of the repo; resolves when it answers. Ended with the test. */
export const start = async (file: string, env: Readonly<Record<string, string>> = {}): Promise<Send> => {
  const port = await freePort();
  const child = spawn(process.execPath, [file], { cwd: path.dirname(file), env: { PATH: process.env['PATH'], NODE_ENV: 'test', BASE_URL: 'http://app.test', PORT: String(port), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const send: Send = (method, target, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, method, path: target, agent: false, headers: { host: 'app.test', ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      outgoing.on('error', reject).end(body);
    });
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) break;
    try {
      await send('GET', '/hello');
      return send;
    } catch {
      await setTimeout(50);
    }
  }
  throw new Error(`The server does not answer: ${output}`);
};
