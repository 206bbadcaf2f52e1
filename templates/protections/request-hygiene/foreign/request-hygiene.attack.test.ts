import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send, sendRaw } from '#tests/support/http.ts';

benign('plain requests go through', async () => {
  const app = await startApp();
  assert.equal((await send(app, 'GET', '/data?next=//a/../b')).status, 200);
  assert.equal((await send(app, 'POST', '/data', { body: {} })).status, 201);
});

attack('Q443', 'a body hides behind a method that has none', async () => {
  const { text } = await sendRaw(await startApp(), 'GET /data HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello');
  assert.match(text, /^HTTP\/1\.1 400/);
});

attack('Q443', 'a path that two hops read differently', async () => {
  const app = await startApp();
  for (const path of ['//data', '/x/../data', '/x/%2e%2e/data', '/x%5cdata']) assert.equal((await send(app, 'GET', path)).status, 400, path);
});

attack('Q443', 'a method that nobody guards', async () => {
  const app = await startApp();
  for (const method of ['TRACE', 'PROPFIND']) assert.ok([400, 405].includes((await send(app, method, '/data')).status), method);
});
