import assert from 'node:assert/strict';
import { Problem } from '#src/protections/app-core/problem.ts';
import { html } from '#src/protections/html/html.ts';
import { longestUserText, userHtml } from '#src/protections/html/user-html.ts';
import { userMarkdown } from '#src/protections/html/user-markdown.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { cpuCost } from '#tests/support/cost.ts';
import { elementsOf, textOf } from '#tests/support/html/markup.ts';
import { payloads } from '#tests/support/html/payloads.ts';

const script = ['javascript', 'alert(1)'].join(':');
const clean = (source: string): string => userHtml(source).toString();
const markdown = (source: string): string => userMarkdown(source).toString();

/** What may be left of markup: names of elements, and of their attributes. */
const harmless: Readonly<Record<string, readonly string[]>> = { a: ['href', 'rel'], abbr: ['title'], ol: ['start'] };
const formatting = 'a abbr b blockquote br code dd del dl dt em h2 h3 h4 hr i ins kbd li ol p pre s strong sub sup table tbody td th thead tr u ul'.split(' ');

/** Nothing of `markup` runs, loads, sends or stands in for something of the page, however generously a browser reads it. */
const assertInert = (markup: string, source: string): void => {
  for (const { name, attributes } of elementsOf(markup)) {
    assert.ok(formatting.includes(name), `<${name}> of ${source} in ${markup}`);
    for (const attribute of attributes.keys()) assert.ok(harmless[name]?.includes(attribute), `${attribute} of ${source} in ${markup}`);
    const href = attributes.get('href');
    if (href === undefined) continue;
    const url = URL.parse(href, 'https://app.test/documents');
    // What is no address to a browser leads nowhere.
    if (url === null) continue;
    assert.ok(['https:', 'http:', 'mailto:'].includes(url.protocol), `${href} of ${source}`);
    assert.ok(url.host === 'app.test' || /^(?:https?:\/\/|mailto:)/.test(href), `${href} of ${source}`);
  }
  assert.doesNotMatch(markup, /<!--|<!\[|<\?/, source);
};

/** What is done for links stands in an attack. */
const withoutRel = (markup: string): string => markup.replaceAll(/ rel="[^"]*"/g, '');

benign('formatting stays, and text stays as it was written', () => {
  const source = '<h2>Hello</h2><p>Some <b>bold</b>, <em>stressed</em>, <a href="https://partner.test/x?a=1&amp;b=2">linked</a> text.</p><ol start="3"><li>3</li></ol><blockquote>quoted</blockquote>';
  assert.equal(withoutRel(clean(source)), source);
  for (const text of [`I wrote ${['javascript', ' in prose'].join(':')}`, 'a onerror=1 b', 'on click, data: nothing', '5 < 6 & 7 > 2', 'eval(1) <3', 'expression(x)', 'ä😀漢']) {
    assert.equal(textOf(clean(`<p>${html`${text}`.toString()}</p>`)), text);
  }
  assert.equal(clean('<a href="mailto:ada@partner.test">x</a><a href="/account">y</a>').match(/href="[^"]*"/g)?.join(' '), 'href="mailto:ada@partner.test" href="/account"');
});

benign('Markdown becomes headings, lists, links, code and tables', () => {
  assert.match(markdown('# Title'), /^<h\d>Title<\/h\d>\n$/);
  assert.equal(markdown('Some *stressed* `code`'), '<p>Some <em>stressed</em> <code>code</code></p>\n');
  assert.equal(markdown('- a\n- b'), '<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n');
  assert.equal(withoutRel(markdown('[x](https://partner.test)')), '<p><a href="https://partner.test">x</a></p>\n');
  assert.match(markdown('|a|b|\n|-|-|\n|1|2|'), /<td>1<\/td>/);
});

attack('Q458', 'markup that runs, tracks, sends or disguises', () => {
  assert.equal(clean('<b>x</b>'), '<b>x</b>');
  assert.ok(payloads.length >= 40);
  for (const source of payloads) {
    assertInert(clean(source), source);
    assertInert(clean(`<p><b>${source}</b></p>`), source);
    assertInert(markdown(source), source);
    for (const other of payloads) assertInert(clean(other.slice(0, 20) + source), other.slice(0, 20) + source);
  }
});

attack('Q458', 'what is cleaned twice is what was cleaned once', () => {
  for (const source of payloads) {
    const once = clean(source);
    assert.equal(clean(once), once, source);
  }
});

attack('Q458', 'elements that look like the page, or that scripts of the page find by their names', () => {
  assert.equal(clean('<h1>x</h1>'), '<h2>x</h2>');
  assert.equal(clean('<p>x</p>'), '<p>x</p>');
  for (const name of ['header', 'main', 'section', 'form', 'img', 'div', 'custom-x']) assert.equal(clean(`<${name} id="a" name="b" class="c">x</${name}>`), 'x', name);
  assert.equal(clean('<p id="a" name="b" class="c" data-x="d" lang="e" dir="rtl">x</p>'), '<p>x</p>');
  assert.equal(clean('<a name="a" id="b" target="c" href="/x">x</a>').match(/ (\w+)=/g)?.join(), ' href=, rel=');
});

attack('Q458', 'a link that passes on the page, its address or its weight, or that leads elsewhere by a trick', () => {
  const linkIn = (markup: string): ReadonlyMap<string, string> | undefined => elementsOf(markup).find(({ name }) => name === 'a')?.attributes;
  for (const rel of ['', ' rel="opener"', " rel='follow'"]) assert.equal(linkIn(clean(`<a href="https://partner.test"${rel}>x</a>`))?.get('rel'), 'noopener noreferrer nofollow ugc');
  for (const href of ['ftp://evil.test', 'tel:1', '//evil.test', '/\\evil.test', '\t//evil.test', script, 'data:,x']) assert.equal(linkIn(clean(`<a href="${href}">x</a>`))?.get('href'), undefined, href);
});

attack('Q458', 'text that is long or deep', () => {
  assert.equal(clean('x'.repeat(longestUserText)).length, longestUserText);
  for (const take of [clean, markdown]) {
    assert.throws(() => take('x'.repeat(longestUserText + 1)), (error) => error instanceof Problem && error.status === 413);
    assert.throws(() => take('<b>'.repeat(100_000)), (error) => error instanceof Problem && error.status === 413);
  }
  const deep = Math.floor(longestUserText / 3);
  for (const tag of ['<b>', '<p>', '<a>', '<x>', '</b>', '<!-', '&lt']) {
    const source = tag.repeat(deep).slice(0, longestUserText);
    assert.ok(cpuCost(() => clean(source)) < 1000, tag);
    let [depth, deepest] = [0, 0];
    for (const [found] of clean(source).matchAll(/<\/?[a-z]/g)) {
      depth += found.startsWith('</') ? -1 : 1;
      deepest = Math.max(deepest, depth);
    }
    assert.ok(deepest <= 50, `${deepest} deep`);
  }
  for (const mark of ['>', '*', '[', '- ', '`a', '_a ', '![a](', '|a', '<a ', '&', '\\[', '**a ']) {
    const source = mark.repeat(longestUserText).slice(0, longestUserText);
    assert.ok(cpuCost(() => markdown(source)) < 1000, mark);
  }
});

attack('G8', 'Markdown that brings markup of its own', () => {
  assert.equal(markdown('**x**'), '<p><strong>x</strong></p>\n');
  assert.equal(markdown('<script>alert(1)</script>'), '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n');
  assert.equal(markdown('a <b>x</b>'), '<p>a &lt;b&gt;x&lt;/b&gt;</p>\n');
  for (const link of [`[x](${script})`, `[x](<${script}>)`, '[x](data:text/html,1)', `<${script}>`, `[x]: ${script}\n\n[x]`, '![x](https://evil.test/pixel.gif)', '[x](//evil.test)']) {
    const shown = markdown(link);
    for (const { name, attributes } of elementsOf(shown)) {
      assert.ok(['p', 'a'].includes(name), shown);
      assert.doesNotMatch(attributes.get('href') ?? '', /script|data|^\/\//, shown);
    }
  }
});
