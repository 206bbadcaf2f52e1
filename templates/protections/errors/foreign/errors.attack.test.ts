import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

benign('what works answers as before', async () => {
  assert.deepEqual((await send(await startApp(), 'GET', '/data')).json(), { ok: true });
});

benign('a failure is logged under the id that the answer carries', async () => {
  const app = await startApp();
  const { errorId } = (await send(app, 'GET', '/fails')).json();
  assert.ok(app.lines.some(([level, , details]) => level === 'error' && JSON.stringify(details).includes(String(errorId))));
});

attack('Q465', 'the words of a failure tell about the inside', async () => {
  const answer = await send(await startApp(), 'GET', '/fails');
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.text, /users|srv|db\.ts|stack/);
  assert.match(String(answer.headers['content-type']), /application\/problem\+json/);
});

attack('Q465', 'the answer for an unknown path repeats it', async () => {
  const answer = await send(await startApp(), 'GET', '/nothing/<script>');
  assert.ok([400, 404].includes(answer.status));
  assert.doesNotMatch(answer.text, /script/);
});
