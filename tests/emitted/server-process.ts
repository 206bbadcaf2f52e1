import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { until } from './until.ts';

type Env = Readonly<Record<string, string>>;

/** `node src/server.ts` of an emitted app, in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #output: { text: string };
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, port: number, output: { text: string }, exited: Promise<unknown>) {
    this.#child = child;
    this.port = port;
    this.#output = output;
    this.#exited = exited;
  }

  /** Starts the server and waits until it listens. */
  static async start(directory: string, env: Env): Promise<ServerProcess> {
    const node = path.join(repositoryRoot, 'node_modules/.bin/node');
    const child = spawn(node, ['src/server.ts'], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
    const exited = once(child, 'exit');
    const port = await until(() => {
      if (child.exitCode !== null) throw new Error(`The server did not start:\n${output.text}`);
      return /"port":(\d+),"msg":"listening"/.exec(output.text)?.[1];
    });
    return new ServerProcess(child, Number(port), output, exited);
  }

  /** What the server wrote so far. */
  get output(): string {
    return this.#output.text;
  }

  /** The process ends at once, as by a power cut. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Asks the server to end; returns its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#exited;
    return this.#child.exitCode;
  }
}

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

let machines = 1;

/** A browser: keeps its cookies and shows them to whatever process it is sent to. Comes from an address of its own. */
export class Client {
  readonly #cookies = new Map<string, string>();
  readonly #address = `127.0.7.${(machines += 1)}`;

  get(server: ServerProcess, target: string): Promise<Answer> {
    return this.#send(server, 'GET', target);
  }

  /** Sends a change, with the CSRF token that `tokenFrom` gave. */
  async post(server: ServerProcess, target: string, body?: unknown, tokenFrom = server): Promise<Answer> {
    const { json } = await this.get(tokenFrom, '/auth/csrf');
    return this.#send(server, 'POST', target, { 'x-csrf-token': String(json['token']), origin: 'http://app.test' }, body);
  }

  /** Sends a message with headers of its own, as another system does. */
  tell(server: ServerProcess, target: string, headers: Env, body: unknown): Promise<Answer> {
    return this.#send(server, 'POST', target, headers, body);
  }

  /** Another browser with the same cookies. */
  copy(): Client {
    const other = new Client();
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    return other;
  }

  #send({ port }: ServerProcess, method: string, target: string, headers: Env = {}, body?: unknown): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = {
      host: 'app.test',
      'sec-fetch-site': 'same-origin',
      ...(cookie === '' ? {} : { cookie }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, method, path: target, agent: false, localAddress: this.#address, headers: { ...own, ...headers } };
      const outgoing = httpRequest(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.#keep(response.headers['set-cookie'] ?? []);
          resolve({ status: response.statusCode ?? 0, json: parsed(text) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ');
      const name = pair.slice(0, pair.indexOf('='));
      if (attributes.includes('Max-Age=0')) this.#cookies.delete(name);
      else this.#cookies.set(name, pair.slice(name.length + 1));
    }
  }
}

const parsed = (text: string): Readonly<Record<string, unknown>> => {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : { value };
};
