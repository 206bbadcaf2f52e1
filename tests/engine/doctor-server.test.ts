import { type RequestListener, createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diagnose } from '../../src/doctor/diagnosis.ts';
import { localServer } from '../../src/doctor/loopback.ts';
import { assets, doctor, repoWith } from './doctor-repo.ts';

/** A server on loopback that goes away with the test; with what it was asked. */
const serving = async (answer: RequestListener): Promise<{ readonly url: string; readonly asked: readonly string[] }> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  }));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
};

const quiet = "import helmet from 'helmet';\napp.use(helmet());\napp.use((err: Error, _req: unknown, res: { end(): void }, _next: unknown) => { void err; res.end(); });";

const answered = async (answer: RequestListener): Promise<{ readonly found: string[]; readonly asked: readonly string[] }> => {
  const { url, asked } = await serving(answer);
  const { findings, probed } = await diagnose(await repoWith(quiet), url, assets);
  expect(probed).toBe(url);
  return { found: findings.filter(({ kind }) => kind === 'answered').map(({ check }) => check).toSorted(), asked };
};

describe('a running server', () => {
  test('that is bare: everything that it shows is found, and nothing is changed there', async () => {
    const { found, asked } = await answered((request, response) => {
      const { origin, host = '' } = request.headers;
      if (request.headers['content-type'] === 'application/json') {
        response.statusCode = 400;
        response.end(new SyntaxError('Unexpected end').stack);
        return;
      }
      response.setHeader('X-Powered-By', 'Express');
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Set-Cookie', ['theme=dark', 'connect.sid=abc; Path=/']);
      if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.end(`<a href="http://${host}/help">help</a>`);
    });
    expect(found).toEqual(['answers-name-the-framework', 'answers-without-headers', 'page-without-policy', 'server-allows-any-origin', 'server-believes-host-header', 'server-sends-stack', 'server-sets-scriptable-session']);
    expect(asked.every((line) => /^(?:GET|OPTIONS|HEAD) /.test(line))).toBe(true);
    expect(new Set(asked).size).toBeLessThanOrEqual(asked.length);
  });

  test('that is hardened: nothing is found', async () => {
    const { found } = await answered((request, response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      if (request.headers.host?.startsWith('127.0.0.1') !== true) {
        response.statusCode = 421;
        response.end('misdirected');
        return;
      }
      if (request.headers.origin === 'https://spa.example') {
        response.setHeader('Access-Control-Allow-Origin', 'https://spa.example');
        response.setHeader('Access-Control-Allow-Credentials', 'true');
      }
      if (request.url !== '/') response.statusCode = 404;
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'");
      response.setHeader('Set-Cookie', ['__Host-session=abc; Path=/; HttpOnly; Secure; SameSite=Lax', 'csrf-token=abc; Path=/']);
      response.end('<p>hello</p><pre>at the end: 10:20:30</pre>');
    });
    expect(found).toEqual([]);
  });

  test('an interface for programs needs no policy for pages', async () => {
    const { found } = await answered((_request, response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Content-Type', 'application/json');
      response.statusCode = 404;
      response.end('{"title":"not found"}');
    });
    expect(found).toEqual([]);
  });

  test('its redirects are not followed, and its long answers are cut', async () => {
    const elsewhere = await serving((_request, response) => void response.end());
    const { found } = await answered((request, response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      if (request.url === '/') {
        response.writeHead(302, { Location: elsewhere.url });
        response.end();
      } else response.write('x'.repeat(1_000_000));
    });
    expect(found).toEqual([]);
    expect(elsewhere.asked).toEqual([]);
  });

  test('that says nothing is refused after a while', async () => {
    const { url } = await serving(() => {});
    const server = await localServer(url, 50);
    await expect(server.ask({ method: 'GET', path: '/' })).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/does not answer GET \//) });
  });

  test('that is not there is refused', async () => {
    await expect(doctor(await repoWith(quiet), '--url', 'http://127.0.0.1:1')).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/does not answer/) });
  });

  test('by the name localhost', async () => {
    const { url } = await serving((_request, response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.end('{}');
    });
    const server = await localServer(url.replace('127.0.0.1', 'localhost')).then(({ url: origin }) => origin);
    expect(server).toBe(url.replace('127.0.0.1', 'localhost'));
  });
});
