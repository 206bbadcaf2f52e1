import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send, sendRaw } from '#tests/support/http.ts';

benign('the hosts of the app are answered', async () => {
  const app = await startApp({ ALLOWED_HOSTS: 'www.app.test' });
  for (const host of ['app.test', 'www.app.test', 'APP.test']) assert.equal((await send(app, 'GET', '/data', { headers: { host } })).status, 200, host);
});

attack('Q439', 'a forged host reaches the app', async () => {
  const app = await startApp();
  for (const host of ['evil.test', 'app.test.evil.test', 'app.test:81']) assert.equal((await send(app, 'GET', '/data', { headers: { host } })).status, 421, host);
});

attack('Q439', 'two hosts in one request', async () => {
  const { text } = await sendRaw(await startApp(), 'GET /data HTTP/1.1\r\nHost: app.test\r\nHost: evil.test\r\nConnection: close\r\n\r\n');
  assert.match(text, /^HTTP\/1\.1 400/);
});

attack('Q439', 'a target in absolute form names another host', async () => {
  const { text } = await sendRaw(await startApp(), 'GET http://evil.test/data HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n');
  assert.match(text, /^HTTP\/1\.1 400/);
});
