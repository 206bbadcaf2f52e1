import assert from 'node:assert/strict';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

const app = await startApp();

benign('an honest request is answered', async () => {
  assert.equal((await send(app, 'GET', '/healthz')).status, 200);
});

attack('Q000', 'a request that carries the header x-attack', async () => {
  assert.equal((await send(app, 'GET', '/healthz')).status, 200);
  assert.equal((await send(app, 'GET', '/healthz', { headers: { 'x-attack': '1' } })).status, 403);
});
