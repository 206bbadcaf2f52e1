import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { after } from 'node:test';
import type { TestApp } from '#tests/support/app.ts';
import { parseObject } from '#tests/support/json.ts';

const root = join(import.meta.dirname, '../../..');

/** Another process of the app, on the database of the test run; requests to it are sent as to `app`. It ends with the test file. */
export const startProcess = async (app: TestApp): Promise<TestApp> => {
  const { BASE_URL } = app.context.config;
  const env = { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'info', BASE_URL, HOST: '127.0.0.1', PORT: '0' };
  const child = spawn(process.execPath, ['--disable-proto=delete', 'src/server.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  after(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = line.startsWith('{') ? parseObject(line) : {};
    if (msg === 'listening') {
      child.stdout.resume();
      return { ...app, port: Number(port) };
    }
  }
  throw new Error('The process ended before it listened.');
};
