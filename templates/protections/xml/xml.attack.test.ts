import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import Type from 'typebox';
import { noContent, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';
import { xmlBodies } from '#src/protections/xml/bodies.ts';
import { parseXml } from '#src/protections/xml/core.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { cpuCost } from '#tests/support/cost.ts';
import { type Received, send } from '#tests/support/http.ts';

const root = join(import.meta.dirname, '../..');
const Item = closed({ '@sku': text(20), '#text': Type.Optional(text(100)), count: Type.Optional(text(4)) });
const Order = closed({ order: closed({ '@id': Type.Optional(text(40)), note: Type.Optional(text(10_000)), item: Type.Optional(Type.Array(Item)) }) });
let handled = 0;

const orders = defineModule({
  id: 'orders',
  prefix: '/orders',
  reads: [xmlBodies({ lists: ['item'] })],
  routes: [
    route({ method: 'POST', path: '/', access: 'public', input: { body: Order }, output: Order, summary: 'Takes an order' }, ({ input }) => {
      handled += 1;
      return ok(input.body);
    }),
  ],
});
const jsonOnly = defineModule({
  id: 'json-only',
  prefix: '/json-only',
  routes: [
    route({ method: 'POST', path: '/', access: 'public', input: { body: Order }, output: closed({}), summary: 'Takes JSON' }, () => {
      handled += 1;
      return noContent();
    }),
  ],
});

const app = await startApp({ modules: [orders, jsonOnly] });

let canaryHits = 0;
const canary = createServer((socket) => {
  canaryHits += 1;
  socket.destroy();
});
await once(canary.listen(0, '127.0.0.1'), 'listening');
after(() => canary.close());
const address = canary.address();
const canaryUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/x`;
const secretFile = pathToFileURL(join(root, 'package.json')).href;

const post = (body: string | Uint8Array, type = 'application/xml', path = '/orders'): Promise<Received> =>
  send(app, 'POST', path, { headers: { 'content-type': type }, body });

/** The honest document that every attack is measured by. */
const control = async (type?: string): Promise<void> => {
  const answer = await post('<order id="7"><note>hello</note></order>', type);
  assert.equal(answer.status, 200, `${type} ${answer.text}`);
  assert.deepEqual(answer.json(), { order: { '@id': '7', note: 'hello' } });
};

const assertRefused = async (document: string | Uint8Array, statuses: readonly number[] = [400], type?: string): Promise<void> => {
  const before = handled;
  const answer = await post(document, type);
  const shown = Buffer.from(document).subarray(0, 120).toString('latin1');
  assert.ok(statuses.includes(answer.status), `${shown}: ${answer.status} ${answer.text}`);
  assert.doesNotMatch(answer.text, /canary|devDependencies/, shown);
  assert.equal(handled, before, shown);
  assert.equal(canaryHits, 0, shown);
};

benign('documents become values: attributes, lists, text, CDATA, the entities of XML', async () => {
  await control();
  const document = `<?xml version="1.0" encoding="UTF-8"?>
<!-- an order -->
<order id="a&amp;b">
  <note><![CDATA[1 < 2 & <b>]]> &lt;&gt;&quot;&apos;&amp;&#228;&#x1F600; ä</note>
  <item sku="x"/>
</order>`;
  assert.deepEqual((await post(document)).json(), { order: { '@id': 'a&b', note: '1 < 2 & <b> <>"\'&ä😀 ä', item: [{ '@sku': 'x' }] } });
  const two = '<order><item sku="1">one</item><item sku="2"><count>2</count></item></order>';
  assert.deepEqual((await post(two)).json(), { order: { item: [{ '@sku': '1', '#text': 'one' }, { '@sku': '2', count: '2' }] } });
  assert.deepEqual((await post('<order><note/></order>')).json(), { order: { note: '' } });
});

benign('a byte order mark of UTF-8, and JSON beside XML, are read', async () => {
  assert.equal((await post(Buffer.from('\ufeff<order/>'))).status, 422);
  assert.equal((await post(Buffer.from('\ufeff<order id="1"/>'))).status, 200);
  assert.equal((await post(JSON.stringify({ order: { note: 'hello' } }), 'application/json')).status, 200);
});

benign('a document that is larger than JSON may be, up to its own limit', async () => {
  const items = Array.from({ length: 2500 }, (_, index) => `<item sku="${index}">${'a'.repeat(20)}</item>`).join('');
  const answer = await post(`<order>${items}</order>`);
  assert.equal(answer.status, 200);
  assert.ok(answer.text.length > 100_000);
});

attack('Q423', 'external and parameter entities, to a file and to a host: refused, nothing is read, nobody is called', async () => {
  await control();
  for (const url of [secretFile, canaryUrl, '/etc/passwd', `ftp://127.0.0.1/x`, 'php://filter/read=x', 'jar:file:///x!/y', 'data:text/plain,canary']) {
    await assertRefused(`<!DOCTYPE order [<!ENTITY x SYSTEM "${url}">]><order><note>&x;</note></order>`);
    await assertRefused(`<!DOCTYPE order [<!ENTITY x PUBLIC "-//W3C//TEXT" "${url}">]><order><note>&x;</note></order>`);
    await assertRefused(`<!DOCTYPE order [<!ENTITY % x SYSTEM "${url}"> %x;]><order><note>hello</note></order>`);
    await assertRefused(`<!DOCTYPE order SYSTEM "${url}"><order><note>hello</note></order>`);
    await assertRefused(`<!DOCTYPE order PUBLIC "-//X//EN" "${url}"><order><note>hello</note></order>`);
    await assertRefused(`<?xml-stylesheet href="${url}"?><order><note>hello</note></order>`);
    await assertRefused(`<order xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${url}" parse="text"/></order>`, [422]);
    await assertRefused(`<order xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x ${url}"/>`, [422]);
  }
});

attack('Q423', 'an internal entity is not expanded, a name that nobody declared is no text', async () => {
  await control();
  await assertRefused('<!DOCTYPE order [<!ENTITY x "canary">]><order><note>&x;</note></order>');
  await assertRefused('<!DOCTYPE order [<!ENTITY x "canary">]><order><note>hello</note></order>');
  await assertRefused('<!DOCTYPE order [<!ATTLIST order id CDATA "canary">]><order/>');
  for (const name of ['x', 'nbsp', 'constructor', '__proto__', 'toString', '#0', '#x0', '#xD800', '#x110000', '#99999999999', '#', '']) {
    await assertRefused(`<order><note>&${name};</note></order>`);
  }
});

const laughs = (levels: number, times: number): string => {
  const entities = Array.from({ length: levels }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(times)}">`);
  return `<!DOCTYPE order [<!ENTITY l0 "lol">${entities.join('')}]><order><note>&l${levels};</note></order>`;
};

attack('Q423', 'billion laughs, quadratic blow-up, 100,000 nested elements, endless attributes: refused in under 100 ms', async () => {
  await control();
  const many = (count: number, make: (index: number) => string): string => Array.from({ length: count }, (_, index) => make(index)).join('');
  const bombs = [
    laughs(10, 10),
    laughs(100, 100),
    `<!DOCTYPE order [<!ENTITY a "${'a'.repeat(100_000)}">]><order><note>${'&a;'.repeat(30_000)}</note></order>`,
    '<a>'.repeat(87_000),
    '<order>'.repeat(16_000) + '</order>'.repeat(16_000),
    `<order>${'<note/>'.repeat(30_000)}</order>`,
    `<order ${many(16_000, (index) => `a${index}="" `)}/>`,
    `<order>${many(6_000, (index) => `<item sku="${index}"/>`)}</order>`,
    `<!DOCTYPE ${'['.repeat(200_000)}`,
    `<!--${'-'.repeat(200_000)}`,
    `<order>${'&'.repeat(200_000)}`,
    `<order><![CDATA[${']'.repeat(200_000)}`,
    '<'.repeat(200_000),
  ];
  for (const bomb of bombs) {
    await assertRefused(bomb);
    const cost = cpuCost(() => assert.throws(() => parseXml(Buffer.from(bomb))));
    assert.ok(cost < 100, `${bomb.slice(0, 60)}: ${cost} ms`);
  }
  await assertRefused(`<order>${'<note>'.repeat(33)}${'</note>'.repeat(33)}</order>`);
});

attack('Q423', 'a document beyond the limit: 413', async () => {
  await control();
  await assertRefused(`<order><note>${'a'.repeat(300_000)}</note></order>`, [413]);
});

attack('Q423', 'a document type in other clothes: another encoding, another case, after comments and blanks', async () => {
  await control();
  const document = `<!DOCTYPE order [<!ENTITY x SYSTEM "${canaryUrl}">]><order><note>&x;</note></order>`;
  const utf16 = (plain: string): Buffer => Buffer.from(`\ufeff${plain}`, 'utf16le');
  const utf32 = (plain: string): Buffer => Buffer.concat(Array.from(plain, (letter) => Buffer.from([0, 0, 0, letter.charCodeAt(0)])));
  const utf7 = (plain: string): string => plain.replaceAll('<', '+ADw-').replaceAll('>', '+AD4-');
  const declared = (encoding: string, content = document): string => `<?xml version="1.0" encoding="${encoding}"?>${content}`;
  const documents = [
    utf16(document),
    utf16(document).swap16(),
    utf16(document).subarray(2),
    utf16(document).subarray(2).swap16(),
    utf32(document),
    utf7(document),
    declared('UTF-7', utf7(document)),
    document.toLowerCase(),
    document.replace('DOCTYPE', 'DocType'),
    `<!-- x -->${document}`,
    `<!-- <order/> -->\n \t${document}`,
    ` \r\n${document}`,
    `\ufeff${document}`,
    `<?x y?>${document}`,
    declared('UTF-8'),
    declared('utf-16'),
    declared('ISO-8859-1'),
    '<!DOCTYPE order><order/>',
    '<!DOCTYPE\torder [ ]><order/>',
    '<order/><!DOCTYPE order>',
    '<order><!DOCTYPE order></order>',
    '<order><!ENTITY x "y"></order>',
  ];
  for (const each of documents) await assertRefused(each, [400, 415]);
});

attack('Q423', 'an encoding that another reader would read differently: refused', async () => {
  await control();
  const plain = '<order><note>hello</note></order>';
  for (const encoding of ['utf-16', 'UTF-7', 'ISO-8859-1', 'windows-1252', 'IBM037', 'us-ascii']) await assertRefused(`<?xml version="1.0" encoding="${encoding}"?>${plain}`, [415]);
  for (const charset of ['utf-16', 'iso-8859-1', 'utf-7', '"utf-16"', 'utf-8; charset=utf-16', 'utf-8, application/json']) await assertRefused(plain, [415], `application/xml; charset=${charset}`);
  for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xbc]]) await assertRefused(Buffer.concat([Buffer.from('<order><note>'), Buffer.from(bytes), Buffer.from('</note></order>')]));
  assert.equal((await post(Buffer.from(plain, 'utf16le'))).status, 415);
  await assertRefused('<?xml version="1.1"?><order><note>&#1;</note></order>');
  await assertRefused('<?xml version="1.1"?><order><note>hello</note></order>');
});

attack('Q423', 'a document that only a tolerant reader takes: refused', async () => {
  await control();
  const documents = `
    <order>|<order></Order>|<order/><order/>|<order/>x|x<order/>|<order id=1/>|<order id/>|<order id="1" id="2"/>|<order id="<"/>|<order id="1"note="2"/>
    |<order><note></order></note>|< order/>|<1/>|<order><note>]]></note></order>|<order><!-- -- --></order>|<order>&amp</order>|</order>
    |<?xml version="1.0"?><?xml version="1.0"?><order/>|<order><?xml version="1.0"?></order>|<![CDATA[x]]>|<order|<order><note>a<item sku="1"/>b</note></order>`;
  for (const document of documents.split('|').map((line) => line.trim())) await assertRefused(document);
  await assertRefused('<order><note>\u0000</note></order>');
  await assertRefused('<order><note>\u0001\uffff</note></order>');
  await assertRefused(' ', [400, 415]);
});

attack('Q423', 'a name that reaches a prototype: 400, nothing is polluted', async () => {
  await control();
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    await assertRefused(`<order><${name}><admin>yes</admin></${name}></order>`);
    await assertRefused(`<${name}><admin>yes</admin></${name}>`);
  }
  await assertRefused('<order __proto__="canary" constructor="canary"/>', [422]);
  assert.equal(Reflect.get({}, 'admin'), undefined);
});

attack('Q423', 'every media type of XML goes through the same guard, and where nobody asked for XML none is read', async () => {
  const types = ['text/xml', 'application/xml', 'APPLICATION/XML', 'application/xml; charset=utf-8', 'text/xml;charset="UTF-8"', 'application/soap+xml', 'application/atom+xml', 'image/svg+xml', 'application/vnd.x-1+xml ; charset=utf-8'];
  for (const type of types) {
    await control(type);
    await assertRefused('<!DOCTYPE order><order><note>hello</note></order>', [400], type);
    assert.equal((await post('<order id="7"/>', type, '/json-only')).status, 415, type);
  }
  for (const type of ['application/xmlx', 'application/xml-dtd', 'text/plain', 'text/html', 'application/xhtml', 'multipart/xml', '+xml', 'xml']) {
    await assertRefused('<order id="7"/>', [400, 415], type);
  }
});

attack('Q423', 'what the schema does not name is refused, whatever the document calls it', async () => {
  await control();
  for (const document of ['<order admin="yes"/>', '<order><admin>yes</admin></order>', '<admin/>', '<order xmlns="urn:x"/>', '<x:order id="1"/>', '<order><note>a</note><note>b</note></order>', '<order><note x="1">a</note></order>']) {
    await assertRefused(document, [422]);
  }
});
