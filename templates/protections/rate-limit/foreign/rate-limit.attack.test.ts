import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

const env = { RATE_LIMIT_REQUESTS: '3', RATE_LIMIT_WINDOW_MS: '60000' };

benign('who waits gets through again', async () => {
  const app = await startApp(env);
  for (let count = 0; count < 3; count += 1) assert.equal((await send(app, 'GET', '/data')).status, 200);
  app.clock.advance(120_000);
  assert.equal((await send(app, 'GET', '/data')).status, 200);
});

attack('Q429', 'one client sends more than the limit, to any path', async () => {
  const app = await startApp(env);
  for (const path of ['/data', '/nothing/is/here', '/page']) await send(app, 'GET', path);
  const refused = await send(app, 'GET', '/data');
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

attack('Q429', 'a client claims another address each time', async () => {
  const app = await startApp(env);
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await send(app, 'GET', '/data', { headers: { 'x-forwarded-for': `203.0.113.${count}` } })).status);
  assert.equal(statuses[3], 429);
});
