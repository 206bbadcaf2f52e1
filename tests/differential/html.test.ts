import handlebars from 'handlebars';
import { type DefaultTreeAdapterMap, parse, parseFragment, serialize } from 'parse5';
import { describe, expect, test } from 'vitest';
import xss from 'xss';
import { escapeHtml } from '../../templates/protections/app-core/escape-html.ts';
import { html } from '../../templates/protections/html/html.ts';
import { placesOf } from '../../templates/protections/html/places.ts';
import { payloads } from '../../templates/protections/html/tests/payloads.ts';
import { userHtml } from '../../templates/protections/html/user-html.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : []);
const nodesOf = (node: Node): readonly Node[] => [node, ...childrenOf(node).flatMap(nodesOf)];
const elementsOf = (node: Node): readonly Element[] => nodesOf(node).filter((each): each is Element => 'tagName' in each);
const textIn = (node: Node): string => nodesOf(node).map((each) => ('value' in each ? each.value : '')).join('');

const random = randomNumbers(11);
const pick = <T>(choices: readonly T[], otherwise: T): T => choices[Math.floor(random() * choices.length)] ?? otherwise;
const pieces = [...Array.from('<>&"\'`=/ \tab1;:#!-'), '&amp;', '&lt', '&#39;', '&#x3c;', '<b>', '</p>', '<!--', '-->', '<![CDATA[', ']]>', '</title>', '</textarea>', '</script>', 'ä😀', '\u2028', '<script>', ' onload=', '\n'];
const text = (most = 12): string => Array.from({ length: Math.floor(random() * most) }, () => pick(pieces, 'x')).join('');

describe('escaping, against Handlebars and read by parse5', () => {
  test('2,000 texts come back from a parser as they were, in text, title, textarea and attribute', () => {
    const wrong = Array.from({ length: 2000 }, () => text()).filter((given) => {
      const page = parse(html`<!doctype html><title>${given}</title><p title="${given}">${given}</p><textarea>-${given}</textarea>`.toString());
      const [paragraph, ...others] = elementsOf(page).filter(({ tagName }) => tagName === 'p');
      const byName = (name: string): string => elementsOf(page).filter(({ tagName }) => tagName === name).map(textIn).join();
      const title = paragraph?.attrs.map(({ name, value }) => [name, value]);
      return (
        others.length > 0 ||
        elementsOf(page).length !== 6 ||
        paragraph === undefined ||
        textIn(paragraph) !== given ||
        byName('title') !== given ||
        byName('textarea') !== `-${given}` ||
        JSON.stringify(title) !== JSON.stringify([['title', given]])
      );
    });
    expect(wrong).toEqual([]);
  });

  test('what Handlebars escapes reads the same as what we escape', () => {
    const read = (markup: string): string => textIn(parseFragment(markup));
    const wrong = Array.from({ length: 2000 }, () => text()).filter((given) => read(escapeHtml(given)) !== read(handlebars.escapeExpression(given)));
    expect(wrong).toEqual([]);
  });

  test('a place that we accept is the place that a parser sees', () => {
    const starts = ['<p>', '<p ', '<p title="', "<p title='", '<p title=', '<a href="', '<p class="a ', '<!--', '<script>', '<script nonce="', '<script nonce="x">', '<style>', '<p title="x">', '<b', '</p', '<p title="a>b" class="', '<p title="<i>">', 'a < b', '<img alt="x" src="'];
    const ends = ['', '">', '</p>', '>x', '"></script>', ' class="b">x</p>', '--></p>'];
    const mark = 'value0mark';
    const wrong: string[] = [];
    let accepted = 0;
    for (const first of ['', '<main>', ...starts]) {
      for (const start of starts) {
        for (const end of ends) {
          const before = first + start;
          const place = placeOf([before, end]);
          if (place === 'refused' || place === 'attributes') continue;
          const page = parseFragment(before + mark + end);
          const inText = nodesOf(page).some((node) => 'value' in node && node.value.includes(mark) && !('tagName' in (node.parentNode ?? {}) && /^(?:script|style)$/.test(nameOf(node.parentNode))));
          const inValue = elementsOf(page).some(({ attrs }) => attrs.some(({ value }) => value.includes(mark)));
          accepted += 1;
          if (!(place === 'text' ? inText : inValue)) wrong.push(`${place}: ${before}|${end}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(accepted).toBeGreaterThan(80);
  });
});

const nameOf = (node: unknown): string => (typeof node === 'object' && node !== null && 'tagName' in node ? String(node.tagName) : '');

const placeOf = (strings: readonly string[]): string => {
  try {
    return placesOf(strings)[0] ?? 'none';
  } catch {
    return 'refused';
  }
};

describe('sanitising, against xss and read by parse5', () => {
  const formatting = 'a abbr b blockquote br code dd del dl dt em h2 h3 h4 hr i ins kbd li ol p pre s strong sub sup table tbody td th thead tr u ul'.split(' ');
  const attributes: Readonly<Record<string, readonly string[]>> = { a: ['href', 'rel'], abbr: ['title'], ol: ['start'] };
  const clean = (source: string): string => userHtml(source).toString();
  const theirs = new xss.FilterXSS({ whiteList: { ...Object.fromEntries(formatting.map((name) => [name, []])), a: ['href'], abbr: ['title'], ol: ['start'] }, stripIgnoreTag: true, stripIgnoreTagBody: ['script', 'style', 'textarea', 'noscript', 'svg', 'math', 'title', 'template', 'iframe', 'xmp', 'noembed', 'noframes', 'option', 'plaintext'] });

  /** What a parser finds that should not be there. */
  const remains = (markup: string): string[] =>
    nodesOf(parseFragment(markup)).flatMap((node) => {
      if (node.nodeName === '#comment') return ['comment'];
      if (!('tagName' in node)) return [];
      const unknown = formatting.includes(node.tagName) && node.namespaceURI.endsWith('/xhtml') ? [] : [node.tagName];
      const wrong = node.attrs.filter(({ name, value }) => !(attributes[node.tagName] ?? []).includes(name) || (name === 'href' && !/^(?:https?|mailto):$/.test(URL.parse(value, 'https://app.test')?.protocol ?? 'https:')));
      return [...unknown, ...wrong.map(({ name, value }) => `${name}=${value}`)];
    });

  const broken = (): string => {
    const [one, two] = [pick(payloads, ''), pick(payloads, '')];
    const at = Math.floor(random() * one.length);
    return one.slice(0, at) + pick([two, text(6), '<', '>', '"', '</', '<!--', '\0', '&#0;', '<svg>', '<math>', '<table>'], '') + one.slice(at + Math.floor(random() * 3));
  };

  test('of 5,000 payloads gone wrong nothing is left that a parser would run or load', () => {
    const left = Array.from({ length: 5000 }, broken).filter((source) => remains(clean(source)).length > 0);
    expect(left.slice(0, 5).map((source) => [source, clean(source), remains(clean(source))])).toEqual([]);
  });

  test('what is written out by a parser, and cleaned again, is the same', () => {
    const normal = (markup: string): string => serialize(parseFragment(markup));
    const changed = Array.from({ length: 2000 }, broken).filter((source) => normal(clean(normal(clean(source)))) !== normal(clean(source)));
    expect(changed.slice(0, 5).map((source) => [source, normal(clean(source)), normal(clean(normal(clean(source))))])).toEqual([]);
  });

  test('1,000 honest texts: the same text and the same elements as xss', () => {
    const several = (make: () => string): string => Array.from({ length: Math.ceil(random() * 3) }, make).join('');
    const phrase = (depth: number): string => {
      if (depth === 0 || random() < 0.4) return pick(['words', 'ä😀', '5 &lt; 6', '&amp;', 'on load = x', '<a href="https://x.test/?a=1&amp;b=2">link</a>', '<br>', '<abbr title="x &quot; y">z</abbr>'], 'x');
      const name = pick(['b', 'em', 'strong', 'code', 'sub'], 'b');
      return `<${name}>${several(() => phrase(depth - 1))}</${name}>`;
    };
    const honest = (depth: number): string => {
      const name = pick(depth > 0 ? ['p', 'h2', 'pre', 'blockquote', 'ul', 'ol'] : ['p', 'h3'], 'p');
      if (name === 'blockquote') return `<blockquote>${several(() => honest(depth - 1))}</blockquote>`;
      if (name === 'ul' || name === 'ol') return `<${name}>${several(() => `<li>${honest(depth - 1)}</li>`)}</${name}>`;
      return `<${name}>${several(() => phrase(3))}</${name}>`;
    };
    const shape = (markup: string): string =>
      JSON.stringify(nodesOf(parseFragment(markup)).map((node) => ('tagName' in node ? [node.tagName, node.attrs.filter(({ name }) => name !== 'rel').map(({ name, value }) => [name, value])] : 'value' in node ? node.value : '')));
    const differing = Array.from({ length: 1000 }, () => honest(4)).filter((source) => shape(clean(source)) !== shape(theirs.process(source)));
    expect(differing.slice(0, 3).map((source) => [source, clean(source), theirs.process(source)])).toEqual([]);
  });

  test('stricter on purpose: what a parser still finds in their outcome', () => {
    const left = payloads.filter((source) => remains(theirs.process(source)).length > 0);
    const ours = payloads.filter((source) => remains(clean(source)).length > 0);
    expect(ours).toEqual([]);
    expect(left.length).toBeGreaterThan(0);
  });
});
