import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

benign('data and pages come as they are', async () => {
  const app = await startApp();
  assert.deepEqual((await send(app, 'GET', '/data')).json(), { ok: true });
  assert.equal((await send(app, 'GET', '/page')).text, '<h1>hello</h1>');
});

attack('B5', 'a browser is to sniff, to cache or to leak what an answer holds', async () => {
  const app = await startApp();
  for (const path of ['/data', '/page', '/nothing/is/here', '/fails']) {
    const { headers } = await send(app, 'GET', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.equal(headers['cache-control'], 'no-store', path);
    assert.match(headers['strict-transport-security'] ?? '', /^max-age=\d+/, path);
  }
});

attack('B5', 'script in a page runs although it came from elsewhere', async () => {
  const { headers } = await send(await startApp(), 'GET', '/page');
  const policy = String(headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(?:;|$)/);
  assert.match(policy, /base-uri 'none'/);
});

attack('Q415', 'a hostile page frames the app', async () => {
  const app = await startApp();
  for (const path of ['/data', '/page', '/nothing/is/here']) {
    const { headers } = await send(app, 'GET', path);
    assert.equal(headers['x-frame-options'], 'DENY', path);
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, path);
  }
});

attack('Q421', 'the answer names the software that serves it', async () => {
  const { headers } = await send(await startApp(), 'GET', '/data');
  assert.equal(headers['x-powered-by'], undefined);
});

attack('Q421', 'the app starts in production with a sample secret', async () => {
  await assert.rejects(startApp({ NODE_ENV: 'production', BASE_URL: 'https://app.test', SESSION_SECRET: 'change-me' }), /SESSION_SECRET/);
});
