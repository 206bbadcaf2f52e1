import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from '#tests/support/app.ts';
import { send } from '#tests/support/http.ts';

// Yours to build on: one app for the file, real requests, a clock that moves only when told to.
const app = await startApp();

test('the app lives, and can work', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const answer = await send(app, 'GET', path);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { status: 'ok' });
  }
});

test('a path that nobody declared is not there', async () => {
  const answer = await send(app, 'GET', '/nobody/declared/this');
  assert.equal(answer.status, 404);
});
