import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { cspNonce } from '#src/protections/headers/nonce.ts';
import { Html, html } from '#src/protections/html/html.ts';
import { pageData, pageReply } from '#src/protections/html/page.ts';
import { closed } from '#src/protections/validation/core.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { elementsOf, shapeOf, textOf } from '#tests/support/html/markup.ts';
import { payloads } from '#tests/support/html/payloads.ts';
import { type Received, send } from '#tests/support/http.ts';
import { parseObject } from '#tests/support/json.ts';

const script = ['javascript', 'alert(1)'].join(':');
const Person = closed({ name: Type.String(), profile: Type.String() });

/** A page of your own: a name in every place that there is, a link that somebody gave, data for a script. */
const people = defineModule({
  id: 'html-fixture',
  prefix: '/people',
  routes: [
    route({ method: 'POST', path: '/', access: 'public', input: { body: Person }, output: Type.String(), summary: 'A page' }, (given) => {
      const { name, profile } = given.input.body;
      return pageReply(
        given,
        html`<!doctype html><title>${name}</title><p title="${name}">${name}</p><a href="${profile}">${name}</a>${pageData('person', { name })}<script nonce="${cspNonce(given.context)}">1</script>`,
      );
    }),
    route({ method: 'GET', path: '/look-alike', access: 'public', input: {}, output: Type.String(), summary: 'No page' }, (given) => {
      const forged: unknown = Object.create(Html.prototype, { toString: { value: () => '<b>canary</b>' } });
      assert.ok(forged instanceof Html);
      return pageReply(given, forged);
    }),
  ],
});

const app = await startApp({ modules: [people] });
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const show = async (name: string, profile = '/'): Promise<Received> => {
  const answer = await send(app, 'POST', '/people', { body: { name, profile } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'] ?? '', /^text\/html/);
  return answer;
};

/** Text that would be more than text. */
const evil = ['<img src=x onerror=1>', '" autofocus onfocus=1 x="', "' onmouseover='1", '</script><script>1</script>', '</title><script>1</script>', '<!--<script>', '--><svg/onload=1>', ...payloads];

const reader = (): { readonly headers: Record<string, string> } => ({ headers: as(`reader-${randomUUID()}`) });

/** Writes a document; returns its page. */
const documentWith = async (title: string, body: string, { headers } = reader()): Promise<{ readonly list: Received; readonly page: Received }> => {
  const written = await send(app, 'POST', '/api/v1/documents', { headers, body: { title, body } });
  assert.equal(written.status, 201, written.text);
  const list = await send(app, 'GET', '/documents', { headers: { ...headers, ...browser } });
  const page = await send(app, 'GET', `/documents/${String(written.json()['id'])}`, { headers: { ...headers, ...browser } });
  assert.deepEqual([list.status, page.status], [200, 200]);
  return { list, page };
};

/** What a script of the page reads from a block of data. */
const dataIn = ({ text }: Received, id: string): unknown => JSON.parse(new RegExp(`<script type="application/json" id="${id}">([^<]*)</script>`).exec(text)?.[1] ?? 'null');

benign('the sample pages show own documents, formatted', async () => {
  const { list, page } = await documentWith('Fish & chips', 'Some *stressed* words, and [a link](https://partner.test).');
  assert.match(textOf(page.text), /Fish & chips .*Some stressed words, and a link/);
  assert.ok(elementsOf(page.text).some(({ name }) => name === 'em'));
  assert.match(textOf(list.text), /Fish & chips/);
  const words: unknown = dataIn(list, 'words');
  assert.ok(Array.isArray(words) && words.length === 1);
  const loaded = elementsOf(list.text).flatMap(({ attributes }) => attributes.get('src') ?? []);
  assert.deepEqual(loaded, ['/assets/documents.js']);
  const asset = await send(app, 'GET', '/assets/documents.js');
  assert.equal(asset.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.doesNotMatch(asset.text, /innerHTML|insertAdjacent|document\.write/);
});

benign('programs get a refusal of a page as data', async () => {
  const answer = await send(app, 'GET', `/documents/${randomUUID()}`, { headers: { ...reader().headers, accept: 'application/json' } });
  assert.deepEqual([answer.status, answer.json()['status']], [404, 404]);
});

attack('Q409', 'a name makes no element, no attribute and no handler', async () => {
  const shape = shapeOf((await show('Ada')).text);
  for (const name of evil) {
    const { text } = await show(name);
    assert.equal(shapeOf(text), shape, name);
    assert.equal(elementsOf(text).find((element) => element.name === 'p')?.attributes.get('title'), name);
  }
});

attack('Q409', 'a link of a profile runs nothing', async () => {
  const hrefOf = ({ text }: Received): string | undefined => elementsOf(text).find(({ name }) => name === 'a')?.attributes.get('href');
  assert.equal(hrefOf(await show('Ada', 'https://partner.test/ada')), 'https://partner.test/ada');
  for (const profile of [script, script.toUpperCase(), ` ${script}`, 'java\tscript:1', 'data:text/html,1', '//evil.test', '']) assert.equal(hrefOf(await show('Ada', profile)), '#', profile);
});

attack('Q409', 'data for a script ends the block that it stands in', async () => {
  for (const name of ['Ada', ...evil, '\u2028', '\\u003c', '&lt;']) {
    const answer = await show(name);
    assert.deepEqual(dataIn(answer, 'person'), { name });
    assert.equal(answer.text.match(/<\/?script/gi)?.length, 4);
  }
});

attack('Q409', 'a page runs what carries its own nonce, and its script writes no markup', async () => {
  const answers = [await show('Ada'), await show('Ada')];
  const nonces = answers.map(({ text, headers }) => {
    const policy = String(headers['content-security-policy']);
    const nonce = /<script nonce="([^"]{22,})">/.exec(text)?.[1] ?? '';
    assert.ok(policy.includes(`script-src 'self' 'nonce-${nonce}';`), policy);
    assert.doesNotMatch(policy, /unsafe-/);
    assert.ok(policy.includes("; require-trusted-types-for 'script'"), policy);
    assert.ok(policy.includes("; trusted-types 'none'"), policy);
    return nonce;
  });
  assert.notEqual(nonces[0], nonces[1]);
});

attack('Q409', 'a refusal that names the address shows it as text', async () => {
  const { headers } = reader();
  const shape = shapeOf((await send(app, 'GET', `/documents/${randomUUID()}`, { headers: { ...headers, ...browser } })).text);
  for (const tail of ['%3Cscript%3E1%3C/script%3E', '<script>1</script>', '"><img src=x onerror=1>', "'onload='1"].map((text) => `${randomUUID()}?q=${text.replaceAll(' ', '+')}`)) {
    const page = await send(app, 'GET', `/documents/${tail}`, { headers: { ...headers, ...browser } });
    assert.ok(page.status >= 400 && page.status < 500, tail);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    assert.equal(shapeOf(page.text), shape, page.text);
    const data = await send(app, 'GET', `/documents/${tail}`, { headers });
    assert.equal(data.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(data.headers['x-content-type-options'], 'nosniff');
    parseObject(data.text);
  }
});

attack('Q458', 'a document smuggles markup into its page', async () => {
  const shape = shapeOf((await documentWith('x', 'x')).page.text);
  for (const body of payloads.filter((text) => !text.includes('\n'))) {
    const { page } = await documentWith('x', body);
    assert.equal(shapeOf(page.text.replaceAll(/<\/?(?:pre|code)>/g, '')), shape, body);
  }
});

attack('B1', 'templates of other engines in every field stay text', async () => {
  const shape = shapeOf((await documentWith('x', 'x')).page.text);
  for (const text of ['<%= process.env.PATH %>', '${7*7}', '{{7*7}}', '#{7*7}', '{% raw %}', '`${1}`', '<%- include("/etc/passwd") %>']) {
    const { page, list } = await documentWith(text, `a ${text.replaceAll('`', "'")}`);
    assert.equal(shapeOf(page.text), shape, text);
    assert.ok(textOf(page.text).includes(text), page.text);
    assert.ok(textOf(list.text).includes(text), list.text);
  }
});

attack('B1', 'an address that names a file instead of a page', async () => {
  const { headers } = reader();
  assert.equal((await send(app, 'GET', '/documents', { headers })).status, 200);
  for (const name of ['../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/etc/passwd', '..%5c..%5cpackage.json', 'pages', 'module.ts', '%00']) {
    for (const path of [`/documents/${name}`, `/assets/${name}`]) {
      const answer = await send(app, 'GET', path, { headers: { ...headers, ...browser } });
      assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
      assert.doesNotMatch(answer.text, /root:|"name":|import /);
    }
  }
});

attack('G8', 'an object that says it is a page', async () => {
  assert.equal((await show('Ada')).status, 200);
  const answer = await send(app, 'GET', '/people/look-alike');
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.text, /canary/);
});
