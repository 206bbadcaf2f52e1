import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import cors from 'cors';
import { expect, test } from 'vitest';
import { openContext } from '../../templates/protections/app-core/context.ts';
import { Problem } from '../../templates/protections/app-core/problem.ts';
import { type CorsPolicy, checkOrigin, compileCors, exposedHeaders, grantedHeaders, readableBy, varyByOrigin } from '../../templates/protections/cors/core.ts';
import { compileOrigins } from '../../templates/protections/cors/origins.ts';
import { methodsAt } from '../../templates/protections/cors/methods.ts';

const listed = ['https://spa.test', 'https://partner.test:8443', 'https://[::1]:8443'];
const methods = ['GET', 'POST'] as const;
const inventory: CorsPolicy['inventory'] = methods.map((method) => ({
  method,
  path: '/notes',
  fullPath: '/notes',
  access: 'public',
  input: {},
  output: {},
  summary: 'Only for this test',
}));
const policy = compileCors({ NODE_ENV: 'production', BASE_URL: 'https://app.test', CORS_ORIGINS: listed }, inventory, { maxAgeSeconds: 600 });

const requestOf = (method: string, headers: Readonly<Record<string, string>>): IncomingMessage => {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method, url: '/notes?page=2', headers: { host: 'app.test', ...headers } });
  openContext(request, new ServerResponse(request), 0);
  return request;
};

type Table = Readonly<Record<string, string>>;

const granting = (headers: Readonly<Record<string, unknown>>): Table =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('access-control-') || name === 'vary')
      .map(([name, value]) => [name, String(value).replaceAll(/,\s*/g, ',')]),
  );

/** What the package grants, set up as its manual says for the same list. */
const theirs = (request: IncomingMessage): Table => {
  const response = new ServerResponse(request);
  cors({ origin: listed, credentials: true, methods: [...methods], allowedHeaders: [...grantedHeaders], exposedHeaders: [...exposedHeaders], maxAge: 600 })(
    request,
    response,
    () => undefined,
  );
  return granting(response.getHeaders());
};

const ours = (request: IncomingMessage): Table => {
  const verdict = checkOrigin(request, policy);
  const granted = verdict === undefined || verdict instanceof Problem ? {} : verdict.granted;
  return granting({ ...readableBy(request.headers.origin, policy), ...granted, vary: varyByOrigin(undefined) });
};

const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
const requests = (origin: string): IncomingMessage[] => [
  ...['GET', 'HEAD', 'POST'].map((method) => requestOf(method, { origin })),
  requestOf('OPTIONS', { origin, ...preflight }),
];

test('listed origins are granted what the package grants', () => {
  for (const origin of listed) {
    for (const request of requests(origin)) {
      // The package exposes headers on the preflight too, where they mean nothing; so do we.
      expect(ours(request), `${request.method} ${origin}`).toEqual(theirs(request));
    }
  }
});

const parts = ['https://', 'http://', 'HTTPS://', '', 'spa.test', 'SPA.test', 'partner.test', '.evil.test', 'evil', '@', ':8443', ':443', '/', '.', ' ', ',', '*', 'null', '[::1]'];

test('both name an origin for exactly the same requests, however it is put together', () => {
  let compared = 0;
  for (const first of parts) {
    for (const second of parts) {
      for (const third of parts) {
        const origin = first + second + third;
        for (const request of requests(origin)) {
          const [own, known] = [ours(request), theirs(request)];
          expect(own['access-control-allow-origin'], origin).toBe(known['access-control-allow-origin']);
          expect(own['vary'], origin).toBe(known['vary']);
          compared += 1;
        }
      }
    }
  }
  expect(compared).toBeGreaterThan(20_000);
});

test('what the package leaves open is closed', () => {
  const evil = requestOf('POST', { origin: 'https://evil.test' });
  // It promises credentials, methods and headers to everybody, and lets the request through.
  expect(theirs(evil)['access-control-allow-credentials']).toBe('true');
  expect(ours(evil)).toEqual({ vary: 'Origin' });
  expect(checkOrigin(evil, policy)).toBeInstanceOf(Problem);
  const asked = requestOf('OPTIONS', { origin: 'https://evil.test', ...preflight });
  expect(theirs(asked)['access-control-allow-methods']).toBe('GET,POST');
  expect(ours(asked)).toEqual({ vary: 'Origin' });
  // It takes lists that admit everybody.
  for (const origin of ['*', 'null', 'https://*.app.test']) {
    expect(() => cors({ origin: [origin], credentials: true })).not.toThrow();
    expect(compileOrigins({ NODE_ENV: 'development', CORS_ORIGINS: [origin] }).problems).toHaveLength(1);
  }
});

test('methods of a path are those of the routes that a router would take for it', () => {
  const at = (fullPath: string, url: string): readonly string[] => methodsAt(inventory.map((policyOf) => ({ ...policyOf, fullPath })), url);
  for (const [pattern, url] of [['/a/:id', '/a/1'], ['/a/:id', '/a/%2f'], ['/a/:id/b', '/a/x/b?c'], ['/', '/'], ['/a', '/a?b=/c']] as const) {
    expect(at(pattern, url), url).toEqual(['GET', 'POST']);
  }
  for (const [pattern, url] of [['/a/:id', '/a/'], ['/a/:id', '/a'], ['/a', '/A'], ['/a', '/a/'], ['/a/:id', '/a/1/2'], ['/', '']] as const) {
    expect(at(pattern, url), url).toEqual([]);
  }
});
