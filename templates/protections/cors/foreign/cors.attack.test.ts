import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

const spa = 'https://spa.test';
const env = { CORS_ORIGINS: spa };
const preflight = (origin: string): Record<string, string> => ({ origin, 'access-control-request-method': 'POST' });

benign('a listed origin reads, and may ask for changes', async () => {
  const app = await startApp(env);
  const read = await send(app, 'GET', '/data', { headers: { origin: spa } });
  assert.equal(read.status, 200);
  assert.equal(read.headers['access-control-allow-origin'], spa);
  const asked = await send(app, 'OPTIONS', '/data', { headers: preflight(spa) });
  assert.equal(asked.status, 204);
  assert.match(String(asked.headers['access-control-allow-methods']), /POST/);
});

attack('Q422', 'a page of an unlisted origin reads, or changes something', async () => {
  const app = await startApp(env);
  for (const origin of ['https://evil.test', 'https://spa.test.evil.test', 'http://spa.test', 'null']) {
    const read = await send(app, 'GET', '/data', { headers: { origin } });
    assert.equal(read.headers['access-control-allow-origin'], undefined, origin);
    assert.equal((await send(app, 'OPTIONS', '/data', { headers: preflight(origin) })).status, 403, origin);
    assert.equal((await send(app, 'POST', '/data', { headers: { origin }, body: {} })).status, 403, origin);
  }
});

attack('Q449', 'a cache hands the answer for one origin to another', async () => {
  const app = await startApp(env);
  for (const path of ['/data', '/page', '/nothing/is/here']) assert.match(String((await send(app, 'GET', path)).headers['vary']), /origin/i, path);
});

attack('Q449', 'a list that admits everybody starts', async () => {
  for (const listed of ['*', 'null', 'https://*.test']) await assert.rejects(startApp({ CORS_ORIGINS: listed }), /CORS_ORIGINS/, listed);
});
