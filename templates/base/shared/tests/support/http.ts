import { type IncomingHttpHeaders, type RequestOptions, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { TestApp } from '#tests/support/app.ts';
import { parseObject } from '#tests/support/json.ts';

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON, unless it is a string or bytes. */
  readonly body?: unknown;
  /** Connect from this loopback address, for example 127.0.0.9. */
  readonly from?: string;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value: as they came, duplicates included. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
  /** The body as JSON. Throws when it is not. */
  json(): Record<string, unknown>;
}

/** Sends one request over a real connection. The path goes out exactly as given; `host` may be forged. */
export const send = (app: TestApp, method: string, path: string, { headers = {}, body, from }: SendOptions = {}): Promise<Received> => {
  const payload = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: app.port,
    method,
    path,
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
    headers: {
      host: new URL(app.context.config.BASE_URL).host,
      ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          text,
          json: () => parseObject(text),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
};

/** Writes bytes to a socket and returns all that came back until the server closed, or until `idleMs` without data. */
export const sendRaw = (app: TestApp, bytes: string | Uint8Array, idleMs = 300): Promise<{ readonly text: string; readonly closed: boolean }> =>
  new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1');
    let text = '';
    const finish = (closed: boolean) => {
      socket.destroy();
      resolve({ text, closed });
    };
    socket.setTimeout(idleMs, () => finish(false));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? finish(true) : reject(error)));
    socket.on('close', () => finish(true));
    socket.write(bytes);
  });
