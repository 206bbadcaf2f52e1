import { type ClientRequest, request as httpRequest } from 'node:http';
import type { TestApp } from '#tests/support/app.ts';
import { type Part, formType, framesOf } from './form.ts';

/** An upload under way: its client decides how it goes on. */
export interface Begun {
  readonly request: ClientRequest;
  /** The status of the answer; 0 when the connection ended without one. */
  readonly status: Promise<number>;
}

/** Sends the head of an upload and of its part; the bytes are left to the caller. Chunked unless a length is declared. */
export const begin = (app: TestApp, headers: Readonly<Record<string, string>>, part: Omit<Part, 'bytes'>): Begun => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const request = httpRequest(
    { host: '127.0.0.1', port: app.port, method: 'POST', path: '/api/v1/files', agent: false, headers: { host: new URL(app.context.config.BASE_URL).host, 'content-type': formType, ...headers } },
    (answer) => {
      resolve(answer.resume().statusCode ?? 0);
    },
  );
  request.on('error', () => resolve(0));
  request.on('close', () => resolve(0));
  request.write(framesOf(part)[0]);
  return { request, status: promise };
};

/** Resolves as soon as `holds` does; looks again after each turn of the event loop. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
};
