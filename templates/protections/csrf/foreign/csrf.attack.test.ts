import { strict as assert } from 'node:assert';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

benign('pages of this app, and programs that are no browsers, change things', async () => {
  const app = await startApp();
  const honest: readonly Record<string, string>[] = [{}, { 'sec-fetch-site': 'same-origin', origin: 'http://app.test' }, { origin: 'http://app.test' }, { referer: 'http://app.test/page' }];
  for (const headers of honest) {
    assert.equal((await send(app, 'POST', '/data', { headers, body: {} })).status, 201);
  }
});

benign('a link from elsewhere leads here', async () => {
  assert.equal((await send(await startApp(), 'GET', '/data', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 200);
});

attack('B2', 'a page of another origin sends a change', async () => {
  const app = await startApp();
  const forged: readonly Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
    { 'sec-fetch-site': 'same-site', origin: 'http://other.app.test' },
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { referer: 'https://evil.test/app.test' },
  ];
  for (const headers of forged) assert.equal((await send(app, 'POST', '/data', { headers, body: {} })).status, 403, JSON.stringify(headers));
});
