import assert from 'node:assert/strict';
import { Attributes, Html, attributes, html } from '#src/protections/html/html.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { elementsOf, shapeOf, textOf } from '#tests/support/html/markup.ts';
import { parseObject } from '#tests/support/json.ts';

const script = ['javascript', 'alert(1)'].join(':');

/** Text that would be more than text. */
const evil = [
  '<img src=x onerror=1>',
  '" autofocus onfocus=1 x="',
  "' onmouseover='1",
  '</script><script>1</script>',
  '</title><script>1</script>',
  '<svg/onload=1>',
  '--><script>1</script>',
  '&lt;script&gt;',
  '${7*7}{{7*7}}<%= 7*7 %>',
  '`x`',
];

const page = (text: string) => html`<!doctype html><title>${text}</title><p class="a ${text} b" ${attributes({ title: text })}>${text}</p><ul>${[text, html`<li>${text}</li>`]}</ul>`;

benign('text is shown as it is, and templates stand in templates', () => {
  assert.match(textOf(page('Fish & chips: 5 pounds; ok').toString()), /^Fish & chips: 5 pounds; ok /);
  const list = html`<ul>${['a', 'b'].map((name) => html`<li>${name}</li>`)}</ul>`;
  assert.equal(list.toString(), '<ul><li>a</li><li>b</li></ul>');
  assert.equal(html`<p>${undefined}${false}${0}</p>`.toString(), '<p>0</p>');
  assert.equal(html`<input ${attributes({ required: true, disabled: false, maxlength: 5, value: undefined })}>`.toString(), '<input required maxlength="5">');
});

benign('addresses of this app and absolute links are addresses', () => {
  for (const address of ['/account?a=1&b=2#c', 'https://partner.test/x', 'mailto:somebody@partner.test']) {
    const [link] = elementsOf(html`<a href="${address}">x</a>`.toString());
    assert.equal(link?.attributes.get('href'), address);
  }
});

attack('Q409', 'text makes no element and no attribute, wherever it stands', () => {
  const shape = shapeOf(page('honest').toString());
  for (const text of evil) {
    const shown = page(text).toString();
    assert.equal(shapeOf(shown), shape, text);
    const paragraph = elementsOf(shown).find(({ name }) => name === 'p');
    assert.equal(paragraph?.attributes.get('title'), text);
    assert.ok(textOf(shown).includes(text.replaceAll(/\s+/g, ' ').trim()), text);
  }
});

attack('Q409', 'an address runs nothing and leads to no other host by a trick', () => {
  const hrefOf = (address: string) => elementsOf(html`<a href="${address}">x</a>`.toString())[0]?.attributes.get('href');
  assert.equal(hrefOf('/ok'), '/ok');
  for (const address of [script, script.toUpperCase(), ` ${script}`, 'java\tscript:1', 'data:text/html,<script>1</script>', 'vbscript:1', '//evil.test', '/\\evil.test', 'evil', '']) {
    assert.equal(hrefOf(address), '#', address);
  }
  for (const make of [(address: string) => html`<form action="${address}">`, (address: string) => html`<img src="${address}">`, (address: string) => html`<button formaction="${address}">`]) {
    assert.doesNotMatch(make(script).toString(), /script:/);
  }
});

attack('Q409', 'a place where escaping does not help is refused, before any text comes', () => {
  assert.equal(html`<p title="${'x'}">`.toString(), '<p title="x">');
  const places = [
    (text: string) => html`<p title=${text}>`,
    (text: string) => html`<p title='${text}'>`,
    (text: string) => html`<p ${text}>`,
    (text: string) => html`<p ${text}="x">`,
    (text: string) => html`<${text}>`,
    (text: string) => html`<p title="x"${text}>`,
    (text: string) => html`<!-- ${text} -->`,
    (text: string) => html`<script>${text}</script>`,
    (text: string) => html`<style>${text}</style>`,
    (text: string) => html`<p style="color: ${text}">`,
    (text: string) => html`<p onclick="${text}">`,
    (text: string) => html`<iframe srcdoc="${text}">`,
    (text: string) => html`<script nonce="x">const text = "${text}";</script>`,
    (text: string) => html`<script nonce="x">if (a </b>/.exec("${text}")) run();</script>`,
    (text: string) => html`<style nonce="x">p { color: ${text} }</style>`,
    (text: string) => html`<script src="/x.js">${text}</script>`,
  ];
  for (const [index, place] of places.entries()) assert.throws(() => place('x'), TypeError, `place ${index}`);
});

attack('Q409', 'script and style in a template are refused even where nothing stands in them', () => {
  const nonce = 'abc+/=';
  assert.equal(shapeOf(html`<script type="module" src="/assets/x.js"></script>`.toString()), 'script type src');
  assert.equal(html`<style nonce="${nonce}">p { margin: 0 }</style><p>${'<'}</p>`.toString(), '<style nonce="abc+/=">p { margin: 0 }</style><p>&lt;</p>');
  const templates = [
    () => html`<p style="color: red">`,
    () => html`<p onclick="1">`,
    () => html`<script>1</script>`,
    () => html`<style>p {}</style>`,
    () => html`<meta http-equiv="refresh" content="0;url=https://evil.test">`,
  ];
  for (const [index, make] of templates.entries()) assert.throws(make, TypeError, `template ${index}`);
});

attack('Q409', 'an address that is put together leads where none of its parts does', () => {
  assert.equal(html`<a href="${'/a'}">`.toString(), '<a href="/a">');
  const [slash, host] = ['/', '/evil.test'];
  for (const make of [() => html`<a href="${slash}${host}">`, () => html`<a href="/${host}">`, () => html`<a href="${host}/x">`, () => html`<a href="${slash} ">`]) assert.throws(make, TypeError);
});

attack('Q409', 'what a page loads, and where its forms lead, is on this host', () => {
  assert.equal(html`<img src="${'https://partner.test/x.png'}">`.toString(), '<img src="https://partner.test/x.png">');
  assert.equal(html`<script src="${'/assets/x.js'}"></script>`.toString(), '<script src="/assets/x.js"></script>');
  const there = 'https://evil.test/x';
  const elements = [html`<script src="${there}"></script>`, html`<iframe src="${there}"></iframe>`, html`<object data="${there}"></object>`, html`<embed src="${there}">`];
  const forms = [html`<form action="${there}">`, html`<button formaction="${there}">`, html`<input formaction="${there}">`, html`<base href="${there}">`];
  for (const made of [...elements, ...forms]) assert.match(made.toString(), /="#"/);
});

attack('B1', 'a template that comes as data', () => {
  assert.equal(html`<p>${'x'}</p>`.toString(), '<p>x</p>');
  const texts = ['<p>', '</p>'];
  const strings: unknown[] = [texts, Object.assign([...texts], { raw: texts }), JSON.parse('["<p>","</p>"]'), '<p>'.split('')];
  for (const given of strings) assert.throws(() => Reflect.apply(html, undefined, [given, 'x']), { message: 'A template stands in the source.' });
});

attack('G8', 'what only looks like markup is text, or is refused', () => {
  const real = html`<b>bold</b>`;
  assert.equal(html`<p>${real}</p>`.toString(), '<p><b>bold</b></p>');
  const lookAlike: unknown = parseObject('{"markup":"<b>"}');
  for (const value of [lookAlike, Object.create(Html.prototype), Object.create(Attributes.prototype), { toString: () => '<b>' }]) {
    assert.throws(() => Reflect.apply(html, undefined, [Object.freeze(['<p>', '</p>']), value]), TypeError);
  }
  for (const kind of [Html, Attributes]) assert.throws(() => Reflect.construct(kind, [Symbol('made here'), '<b>']), TypeError);
  assert.throws(() => html`<p title="${real}">`, TypeError);
  assert.throws(() => html`<p>${attributes({ title: 'x' })}</p>`, TypeError);
});

attack('Q409', 'attributes whose names come with values run nothing and lead nowhere', () => {
  assert.equal(attributes({ title: '"x' }).toString(), 'title="&quot;x"');
  for (const name of ['onclick', 'onfocus', 'style', 'href', 'src', 'action', 'formaction', 'a b', 'x>', '"', 'STYLE']) {
    assert.throws(() => attributes({ [name]: 'x' }), TypeError, name);
  }
});
