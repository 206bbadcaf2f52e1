import assert from 'node:assert/strict';
import { attack, benign } from '#tests/support/attack.ts';
import { lint } from '#tests/support/validation/lint.ts';

const template = (text: string): string => `import { type Html, html } from '#src/protections/html/html.ts';\nexport const f = (x: string): Html => ${text};\n`;
const plain = (code: string): string => `${code}\n`;

const honest = {
  text: template('html`<p title="${x}">${x}</p>`'),
  link: template('html`<a href="${x}">${x}</a>`'),
  numbers: plain("export const f = (a: number, b: string): string => `${a} < ${b}`;\nexport const g = (a: string): string => a + ' < b';"),
  node: plain('export const f = (node: { textContent: string }, text: string): void => void Object.assign(node, { textContent: text });'),
};

const unsafePlaces = {
  unquoted: template('html`<p title=${x}>x</p>`'),
  single: template("html`<p title='${x}'>x</p>`"),
  handler: template('html`<p onclick="${x}">x</p>`'),
  script: template('html`<script>const x = "${x}";</script>`'),
  style: template('html`<p style="color: ${x}">x</p>`'),
  joined: template('html`<a href="/${x}">x</a>`'),
};
const fromData = { called: "import { html } from '#src/protections/html/html.ts';\nexport const f = (x: TemplateStringsArray) => html(x);\n" };
const besides = {
  concatenated: plain("export const f = (reply: { send(text: string): void }, x: string): void => reply.send('<b>' + x);"),
  behind: plain("export const f = (x: string): string => x + '</b>';"),
  literal: plain('export const f = (x: string): string => `<b>${x}</b>`;'),
  type: plain("export const f = (x: string) => ({ status: 200, headers: {}, text: { type: 'text/html; charset=utf-8', text: x } });"),
  helper: "import { page } from '#src/protections/app-core/reply.ts';\nexport const f = (x: string) => page(x);\n",
};
const raw = {
  direct: "import { unescaped } from '#src/protections/html/html.ts';\nexport const f = (x: string) => unescaped(x);\n",
  renamed: "import { unescaped as safe } from '#src/protections/html/html.ts';\nexport const f = (x: string) => safe(x);\n",
  whole: "import * as all from '#src/protections/html/html.ts';\nexport const f = (x: string) => all.unescaped(x);\n",
  exported: "export { unescaped } from '#src/protections/html/html.ts';\n",
};
const element = '(e: { innerHTML: string; insertAdjacentHTML(a: string, b: string): void; outerHTML: string }, x: string): void';
const sinks = {
  inner: plain(`export const f = ${element} => void (e.innerHTML = x);`),
  outer: plain(`export const f = ${element} => void (e['outerHTML'] = x);`),
  adjacent: plain(`export const f = ${element} => e.insertAdjacentHTML('beforeend', x);`),
  written: plain('declare const document: { write(x: string): void };\nexport const f = (x: string): void => document.write(x);'),
};

/** What the linter says of each file: only rules of this protection. */
const rulesOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, string[]>> => {
  const outcome = lint({ honest: honest.text, ...files });
  assert.equal(outcome.passes, false);
  assert.deepEqual(outcome.rulesOf('honest'), []);
  return Object.fromEntries(Object.keys(files).map((name) => [name, [...new Set(outcome.rulesOf(name))].filter((rule) => rule.startsWith('html'))]));
};
const every = (files: Readonly<Record<string, string>>, rule: string): Readonly<Record<string, string[]>> =>
  Object.fromEntries(Object.keys(files).map((name) => [name, [`html(${rule})`]]));

benign('templates, comparisons and text for elements pass the linter', () => {
  const { passes } = lint(honest);
  assert.ok(passes);
});

attack('Q409', 'a template with a value where escaping does not help: the linter refuses', () => {
  assert.deepEqual(rulesOf(unsafePlaces), every(unsafePlaces, 'template-places'));
});

attack('Q409', 'script that takes text for markup: the linter refuses', () => {
  assert.deepEqual(rulesOf(sinks), every(sinks, 'no-markup-by-script'));
});

attack('B1', 'markup put together from texts, and a template that comes as data: the linter refuses', () => {
  assert.deepEqual(rulesOf(besides), every(besides, 'one-renderer'));
  assert.deepEqual(rulesOf(fromData), every(fromData, 'template-places'));
});

attack('G8', 'a file that switches escaping off: the linter refuses, unless somebody agreed to it', () => {
  assert.deepEqual(rulesOf(raw), every(raw, 'no-unescaped'));
});
