import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LogCapture } from '#tests/support/log.ts';

export interface ServerProcess {
  /** Resolves with the status of the answer; rejects when the connection breaks. */
  get(path: string): Promise<number>;
  /** Resolves with the first line of the log that has this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** The exit code; null after a kill. */
  readonly exited: Promise<number | null>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const preload = new URL('./preload.ts', import.meta.url).href;

/** Starts `src/server.ts` as a process of its own, with the routes beside this file. It lives 20 s at most. */
export const startServer = async (): Promise<ServerProcess> => {
  const env = { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'info', HOST: '127.0.0.1', PORT: '0', BASE_URL: 'http://app.test' };
  const child = spawn(process.execPath, ['--disable-proto=delete', '--import', preload, 'src/server.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  if (child.stdout === null || child.stderr === null) throw new Error('The output of the server is not connected.');
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const log = new LogCapture();
  const reader = createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('{')) log.write(`${line}\n`);
  });
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const found = log.lines.find(({ msg }) => msg === message);
      if (found !== undefined) return found;
      await Promise.race([
        once(reader, 'line'),
        once(reader, 'close').then(() => Promise.reject(new Error(`The server ended without "${message}": ${complaint}`))),
      ]);
    }
  };
  const { port } = await logged('listening');
  return { exited, logged, get: (path) => statusOf(Number(port), path) };
};

const statusOf = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent: false, headers: { host: 'app.test' } };
    get(options, (response) => {
      response
        .resume()
        .on('end', () => resolve(response.statusCode ?? 0))
        .on('error', reject);
    }).on('error', reject);
  });
