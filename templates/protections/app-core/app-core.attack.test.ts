import assert from 'node:assert/strict';
import { currentContext, NoRequestContext } from '#src/protections/app-core/context.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

const app = await startApp();

benign('the health route answers', async () => {
  const answer = await send(app, 'GET', '/healthz');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), { status: 'ok' });
});

attack('Q403', 'the accessor outside any request throws', () => {
  assert.throws(() => currentContext(), NoRequestContext);
});
