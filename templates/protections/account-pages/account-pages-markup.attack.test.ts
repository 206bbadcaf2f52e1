import assert from 'node:assert/strict';
import { Attributes, Html, attributes, html } from '#src/protections/account-pages/html/html.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { elementsOf, shapeOf, textOf } from '#tests/support/account-pages/markup.ts';
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

attack('P1', 'text makes no element and no attribute, wherever it stands', () => {
  const shape = shapeOf(page('honest').toString());
  for (const text of evil) {
    const shown = page(text).toString();
    assert.equal(shapeOf(shown), shape, text);
    const paragraph = elementsOf(shown).find(({ name }) => name === 'p');
    assert.equal(paragraph?.attributes.get('title'), text);
    assert.ok(textOf(shown).includes(text.replaceAll(/\s+/g, ' ').trim()), text);
  }
});

attack('P1', 'an address runs nothing and leads to no other host by a trick', () => {
  const hrefOf = (address: string) => elementsOf(html`<a href="${address}">x</a>`.toString())[0]?.attributes.get('href');
  assert.equal(hrefOf('/ok'), '/ok');
  for (const address of [script, script.toUpperCase(), ` ${script}`, 'java\tscript:1', 'data:text/html,<script>1</script>', 'vbscript:1', '//evil.test', '/\\evil.test', 'evil', '']) {
    assert.equal(hrefOf(address), '#', address);
  }
  for (const make of [(address: string) => html`<form action="${address}">`, (address: string) => html`<img src="${address}">`, (address: string) => html`<button formaction="${address}">`]) {
    assert.doesNotMatch(make(script).toString(), /script:/);
  }
});

attack('P1', 'a place where escaping does not help is refused, before any text comes', () => {
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
  ];
  for (const [index, place] of places.entries()) assert.throws(() => place('x'), TypeError, `place ${index}`);
});

attack('P1', 'script and style in a template are refused even where nothing stands in them', () => {
  assert.equal(shapeOf(html`<script type="module" src="/assets/passkeys.js"></script>`.toString()), 'script type src');
  for (const make of [() => html`<p style="color: red">`, () => html`<p onclick="1">`, () => html`<script>1</script>`, () => html`<style>p {}</style>`]) assert.throws(make, TypeError);
});

attack('P1', 'what only looks like markup is text, or is refused', () => {
  const real = html`<b>bold</b>`;
  assert.equal(html`<p>${real}</p>`.toString(), '<p><b>bold</b></p>');
  const lookAlike: unknown = parseObject('{"markup":"<b>"}');
  for (const value of [lookAlike, Object.create(Html.prototype), Object.create(Attributes.prototype), { toString: () => '<b>' }]) {
    assert.throws(() => Reflect.apply(html, undefined, [['<p>', '</p>'], value]), TypeError);
  }
  for (const kind of [Html, Attributes]) assert.throws(() => Reflect.construct(kind, [Symbol('made here'), '<b>']), TypeError);
  assert.throws(() => html`<p title="${real}">`, TypeError);
  assert.throws(() => html`<p>${attributes({ title: 'x' })}</p>`, TypeError);
});

attack('P1', 'attributes whose names come with values run nothing and lead nowhere', () => {
  assert.equal(attributes({ title: '"x' }).toString(), 'title="&quot;x"');
  for (const name of ['onclick', 'onfocus', 'style', 'href', 'src', 'action', 'formaction', 'a b', 'x>', '"', 'STYLE']) {
    assert.throws(() => attributes({ [name]: 'x' }), TypeError, name);
  }
});
