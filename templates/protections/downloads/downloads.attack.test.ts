import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/downloads/boot-check.ts';
import { as } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { store } from '#tests/support/downloads/stored.ts';
import { type Received, send } from '#tests/support/http.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { upload } from '#tests/support/uploads/form.ts';
import { image, plainPdf } from '#tests/support/uploads/payloads.ts';

const app = await startWithStorage();
const { query: db } = app.context.services.db;
const files = '/api/v1/files';
const contentOf = (id: string): string => `${files}/${id}/content`;

const get = (id: string, owner: string, headers: Readonly<Record<string, string>> = {}, query = ''): Promise<Received> =>
  send(app, 'GET', contentOf(id) + query, { headers: { ...as(owner), ...headers } });

/** A file of ten bytes, of somebody new. */
const tenBytes = async () => {
  const owner = randomUUID();
  return { owner, id: await store(app, { owner, bytes: '0123456789' }) };
};

/** The path of a signed link, as somebody asks for it. */
const linkTo = async (id: string, owner: string, body: Record<string, unknown> = {}): Promise<URL> => {
  const answer = await send(app, 'POST', `${files}/${id}/links`, { headers: as(owner), body });
  assert.equal(answer.status, 201, answer.text);
  return new URL(String(answer.json()['url']));
};

const follow = (url: URL): Promise<Received> => send(app, 'GET', url.pathname + url.search);

benign('an uploaded file comes back as it was, to be saved', async () => {
  const owner = randomUUID();
  const bytes = plainPdf();
  const uploaded = await upload(app, as(owner), { name: 'résumé.pdf', type: 'application/pdf', bytes });
  const id = String(uploaded.json()['id']);
  const { status, headers, text } = await get(id, owner);
  assert.equal(status, 200);
  assert.equal(text, bytes.toString());
  assert.equal(headers['content-type'], 'application/pdf');
  assert.equal(headers['content-length'], String(bytes.length));
  assert.equal(headers['content-disposition'], `attachment; filename="r_sum_.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf`);
});

benign('an image is shown where that is asked for', async () => {
  const owner = randomUUID();
  const uploaded = await upload(app, as(owner), { name: 'a.png', type: 'image/png', bytes: await image('png') });
  const { headers } = await get(String(uploaded.json()['id']), owner, {}, '?inline=1');
  assert.equal(headers['content-disposition'], 'inline; filename="a.png"');
  assert.equal(headers['content-type'], 'image/png');
});

benign('parts of a file, and the rest of one that was begun', async () => {
  const { id, owner } = await tenBytes();
  for (const [range, expected, place] of [['bytes=0-0', '0', '0-0'], ['bytes=2-4', '234', '2-4'], ['bytes=8-', '89', '8-9'], ['bytes=-3', '789', '7-9'], ['bytes=5-999', '56789', '5-9'], ['bytes=-999', '0123456789', '0-9'], ['Bytes = 1 - 2', '12', '1-2']] as const) {
    const part = await get(id, owner, { range });
    assert.deepEqual([part.status, part.text, part.headers['content-range'], part.headers['content-length']], [206, expected, `bytes ${place}/10`, String(expected.length)], range);
  }
  const { etag = '' } = (await get(id, owner)).headers;
  assert.equal((await get(id, owner, { range: 'bytes=5-', 'if-range': etag })).text, '56789');
  for (const other of ['"other"', `W/${etag}`, 'Tue, 01 Jan 2030 00:00:00 GMT']) assert.equal((await get(id, owner, { range: 'bytes=5-', 'if-range': other })).status, 200);
  assert.equal((await get(id, owner, { range: 'lines=1-2' })).status, 200);
});

benign('a browser that has the file is told so, and HEAD tells of it without reading it', async () => {
  const { id, owner } = await tenBytes();
  const { etag = '' } = (await get(id, owner)).headers;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const unchanged = await get(id, owner, { 'if-none-match': known });
    assert.deepEqual([unchanged.status, unchanged.text], [304, '']);
  }
  const head = await send(app, 'HEAD', contentOf(id), { headers: as(owner) });
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '10']);
});

benign('a share and a signed link, until they end', async () => {
  const { id, owner } = await tenBytes();
  const friend = randomUUID();
  assert.equal((await send(app, 'PUT', `${files}/${id}/shares/${friend}`, { headers: as(owner) })).status, 204);
  assert.equal((await send(app, 'PUT', `${files}/${id}/shares/${friend}`, { headers: as(owner) })).status, 204);
  assert.equal((await get(id, friend)).text, '0123456789');
  const link = await linkTo(id, friend);
  assert.equal(link.origin, 'http://app.test');
  assert.equal((await follow(link)).text, '0123456789');
});

attack('Q408', 'a name with quotes, line ends, paths and marks: one header, no cookie, nothing that hides', async () => {
  const owner = randomUUID();
  const dispositionOf = async (name: string): Promise<string> => {
    const answer = await get(await store(app, { owner, name }), owner);
    assert.equal(answer.status, 200, name);
    assert.equal(answer.headers['set-cookie'], undefined, name);
    assert.equal(answer.rawHeaders.filter((header) => header.toLowerCase() === 'content-disposition').length, 1);
    return String(answer.headers['content-disposition']);
  };
  assert.equal(await dispositionOf('plain.pdf'), 'attachment; filename="plain.pdf"');
  assert.equal(await dispositionOf('résumé 漢.pdf'), `attachment; filename="r_sum_ _.pdf"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%E6%BC%A2.pdf`);
  assert.equal(await dispositionOf('a"\r\nSet-Cookie: x=1.html'), `attachment; filename="a_Set-Cookie: x=1.html"; filename*=UTF-8''a%22Set-Cookie%3A%20x%3D1.html`);
  assert.equal(await dispositionOf('a\u202egpj.exe'), 'attachment; filename="agpj.exe"');
  assert.equal(await dispositionOf('../../etc/passwd'), 'attachment; filename="passwd"');
  assert.equal(await dispositionOf('..\\..\\x.bat'), 'attachment; filename="x.bat"');
  assert.equal(await dispositionOf('a.pdf"; filename="b.exe'), `attachment; filename="a.pdf_; filename=_b.exe"; filename*=UTF-8''a.pdf%22%3B%20filename%3D%22b.exe`);
  for (const empty of ['', '\u202e', '/', '\r\n']) assert.equal(await dispositionOf(empty), 'attachment; filename="file"');
  assert.ok((await dispositionOf('漢'.repeat(5000))).length < 4000);
});

attack('Q408', 'a stored page, also one that is asked for inline: to be saved, as bytes, in a sandbox', async () => {
  const owner = randomUUID();
  const script = '<script>alert(1)</script>';
  for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/xml', 'application/javascript', 'text/css', 'text/plain', 'text/html; charset=utf-7', '', 'application/x-shockwave-flash']) {
    const id = await store(app, { owner, type, bytes: script });
    for (const query of ['', '?inline=1']) {
      const { status, headers } = await get(id, owner, {}, query);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/octet-stream', type);
      assert.match(String(headers['content-disposition']), /^attachment;/, type);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(String(headers['content-security-policy']), /^sandbox; default-src 'none'/);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  }
  const pdf = await get(await store(app, { owner }), owner, {}, '?inline=1');
  assert.match(pdf.headers['content-disposition'] ?? '', /^attachment;/);
  for (const query of ['?inline=0', '?inline', '?type=text/html', '?disposition=inline']) assert.equal((await get(await store(app, { owner }), owner, {}, query)).status, 422, query);
});

attack('Q408', 'a proxy that keeps a file for the next person: told not to', async () => {
  const { id, owner } = await tenBytes();
  for (const headers of [{}, { range: 'bytes=0-1' }]) assert.equal((await get(id, owner, headers)).headers['cache-control'], 'private, no-cache');
});

attack('Q408', 'a thousand ranges, overlapping ones, ones that do not exist: 416, and the file once at most', async () => {
  const { id, owner } = await tenBytes();
  assert.equal((await get(id, owner, { range: 'bytes=0-3' })).text, '0123');
  const many = `bytes=${Array.from({ length: 1000 }, () => '0-').join(',')}`;
  for (const range of [many, 'bytes=0-1,0-1', 'bytes=0-,1-', 'bytes=10-', 'bytes=5-4', 'bytes=-0', 'bytes=-', 'bytes=a-b', 'bytes=0x1-2', 'bytes=99999999999999999999-', 'bytes=--1', 'bytes=']) {
    const refused = await get(id, owner, { range });
    assert.equal(refused.status, 416, range);
    assert.equal(refused.headers['content-range'], 'bytes */10');
    assert.doesNotMatch(refused.text, /0123/);
  }
  const empty = await store(app, { owner, bytes: '' });
  assert.equal((await get(empty, owner)).status, 200);
  assert.equal((await get(empty, owner, { range: 'bytes=0-' })).status, 416);
});

attack('Q475', 'the file of another: missing by GET, HEAD, parts and conditions, and not to be shared or linked to', async () => {
  const { id, owner } = await tenBytes();
  const { etag = '' } = (await get(id, owner)).headers;
  const stranger = randomUUID();
  const missing = await get(randomUUID(), stranger);
  for (const headers of [{}, { range: 'bytes=0-1' }, { range: 'bytes=99-' }, { 'if-none-match': etag }, { 'if-none-match': '*' }]) {
    const refused = await get(id, stranger, headers);
    assert.equal(refused.status, 404);
    assert.equal(refused.text, missing.text);
    assert.equal(refused.headers.etag, undefined);
  }
  assert.equal((await send(app, 'HEAD', contentOf(id), { headers: as(stranger) })).status, 404);
  assert.equal((await send(app, 'POST', `${files}/${id}/links`, { headers: as(stranger), body: {} })).status, 404);
  for (const method of ['PUT', 'DELETE']) assert.equal((await send(app, method, `${files}/${id}/shares/${stranger}`, { headers: as(stranger) })).status, 404);
  assert.equal((await send(app, 'DELETE', `${files}/${id}`, { headers: as(stranger) })).status, 404);
  assert.equal((await send(app, 'GET', contentOf(id))).status, 401);
  assert.equal((await get(id, owner)).text, '0123456789');
});

attack('Q475', 'a friend with a share: reads, and neither shares on nor deletes; when it is taken back, the next request finds nothing', async () => {
  const { id, owner } = await tenBytes();
  const [friend, other] = [randomUUID(), randomUUID()];
  await send(app, 'PUT', `${files}/${id}/shares/${friend}`, { headers: as(owner) });
  const { etag = '' } = (await get(id, friend)).headers;
  assert.equal((await send(app, 'PUT', `${files}/${id}/shares/${other}`, { headers: as(friend) })).status, 404);
  assert.equal((await send(app, 'DELETE', `${files}/${id}`, { headers: as(friend) })).status, 404);
  assert.equal((await get(id, other)).status, 404);
  const link = await linkTo(id, friend);
  assert.equal((await send(app, 'DELETE', `${files}/${id}/shares/${friend}`, { headers: as(owner) })).status, 204);
  assert.equal((await get(id, friend)).status, 404);
  assert.equal((await get(id, friend, { 'if-none-match': etag })).status, 404);
  assert.equal((await follow(link)).status, 404);
});

attack('Q475', 'a file of another tenant, and one that is still looked into: missing', async () => {
  const owner = randomUUID();
  assert.equal((await get(await store(app, { owner }), owner)).status, 200);
  assert.equal((await get(await store(app, { owner, tenant: 'other' }), owner)).status, 404);
  const pending = await store(app, { owner, state: 'pending' });
  assert.equal((await get(pending, owner)).status, 404);
  assert.equal((await send(app, 'POST', `${files}/${pending}/links`, { headers: as(owner), body: {} })).status, 404);
});

attack('Q475', 'a row whose place was changed to a path: no content, and an event that says so', async () => {
  const owner = randomUUID();
  const secret = `${randomUUID()}.secret`;
  await writeFile(join(app.context.services.storage.quarantine, secret), 'canary');
  for (const key of [`quarantine/${secret}`, `../${secret}`, '/etc/passwd', '../../package.json']) {
    const id = await store(app, { owner, key });
    const answer = await get(id, owner);
    assert.equal(answer.status, 404);
    assert.doesNotMatch(answer.text, /canary/);
    const [event] = await db.selectFrom('security_events').select(['type', 'details']).orderBy('id', 'desc').limit(1).execute();
    assert.deepEqual(event, { type: 'file.forged-key', details: { fileId: id } });
    await db.deleteFrom('files').where('id', '=', id).execute();
  }
});

attack('Q475', 'a signed link with another file, user, time or form, or one that is over: 403', async () => {
  const { id, owner } = await tenBytes();
  const other = await store(app, { owner });
  const link = await linkTo(id, owner, { disposition: 'inline' });
  assert.equal((await follow(link)).status, 200);
  const changed = (change: (url: URL) => void): URL => {
    const url = new URL(link);
    change(url);
    return url;
  };
  const set = (name: string, value: string): URL => changed(({ searchParams }) => searchParams.set(name, value));
  const forged = [
    changed((url) => (url.pathname = `/downloads/${other}`)),
    set('expires', String(Number(link.searchParams.get('expires')) + 1)),
    set('disposition', 'attachment'),
    set('user', randomUUID()),
    set('tenant', 'other'),
    set('signature', `${link.searchParams.get('signature')?.slice(0, -2)}AA`),
    set('signature', 'a'),
  ];
  for (const url of forged) assert.equal((await follow(url)).status, 403, url.search);
  for (const name of ['expires', 'disposition', 'user', 'signature']) assert.equal((await follow(changed(({ searchParams }) => searchParams.delete(name)))).status, 422, name);
  app.clock.advance(app.context.config.DOWNLOAD_LINK_SECONDS * 1000 - 1);
  assert.equal((await follow(link)).status, 200);
  app.clock.advance(1001);
  assert.equal((await follow(link)).status, 403);
});

attack('Q408', 'an origin of its own: files there and nothing else, files nowhere else', async () => {
  const origin = 'http://files.test';
  const apart = await startWithStorage({ DOWNLOAD_ORIGIN: origin, ALLOWED_HOSTS: 'files.test' });
  const owner = randomUUID();
  const id = await store(apart, { owner, bytes: 'content' });
  const there = { host: 'files.test' };
  const redirected = await send(apart, 'GET', contentOf(id), { headers: as(owner) });
  assert.equal(redirected.status, 303);
  assert.equal(redirected.text, '');
  const url = new URL(redirected.headers.location ?? '');
  assert.equal(url.origin, origin);
  const file = await send(apart, 'GET', url.pathname + url.search, { headers: there });
  assert.deepEqual([file.status, file.text, file.headers['cross-origin-resource-policy']], [200, 'content', 'cross-origin']);
  assert.equal((await send(apart, 'GET', url.pathname + url.search)).status, 404);
  for (const path of [contentOf(id), files, '/healthz']) assert.equal((await send(apart, 'GET', path, { headers: { ...as(owner), ...there } })).status, 404, path);
  assert.equal((await send(apart, 'GET', contentOf(id), { headers: as(randomUUID()) })).status, 404);
  await apart.close();
});

attack('Q408', 'an origin for files that shares the cookies of the app, or is not safe: the app does not start', () => {
  const problemsOf = (given: Readonly<Record<string, unknown>>) =>
    bootCheck(processFacts({ ...loadConfig({}), BASE_URL: 'https://app.test', ALLOWED_HOSTS: ['files.test', 'app.test:444', 'app.test'], ...given }));
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ DOWNLOAD_ORIGIN: 'https://files.test' }), []);
  for (const [DOWNLOAD_ORIGIN, NODE_ENV] of [['https://app.test'], ['https://app.test:444'], ['http://files.test', 'production']] as const) {
    assert.equal(problemsOf({ DOWNLOAD_ORIGIN, ...(NODE_ENV === undefined ? {} : { NODE_ENV }) }).length, 1, DOWNLOAD_ORIGIN);
  }
});
