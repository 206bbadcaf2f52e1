import { isDeepStrictEqual } from 'node:util';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { parseXml } from '../../templates/protections/xml/core.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const ours = (document: string): unknown => {
  try {
    return parseXml(Buffer.from(document), undefined, { lists: ['list'] });
  } catch {
    return 'refused';
  }
};

const theirParser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => name === 'list',
});
const theirs = (document: string): unknown => theirParser.parse(document);

describe('XML as data, against fast-xml-parser', () => {
  const random = randomNumbers(5);
  const pick = <T>(choices: readonly T[], otherwise: T): T => choices[Math.floor(random() * choices.length)] ?? otherwise;
  const names = ['a', 'b', 'list', 'x-y', 'ns:name', 'é', '_'];
  const texts = ['', 'hello', '1', 'true', ' padded ', '&lt;b&gt;', '&amp;amp;', '&quot;&apos;', '<![CDATA[<raw> & ]]>', 'ä😀', '0x10', '1e5'];
  const plain = ['', 'v', '&lt;', '&amp;', "it's", ' padded ', '007'];

  const element = (depth: number): string => {
    const name = pick(names, 'a');
    const attributes = names.filter(() => random() < 0.2).map((attribute) => ` ${attribute}="${pick(plain, '')}"`);
    const children = depth > 0 && random() < 0.6 ? Array.from({ length: Math.ceil(random() * 4) }, () => element(depth - 1)).join('') : pick(texts, '');
    return `<${name}${attributes.join('')}>${children}</${name}>`;
  };

  test('600 documents', () => {
    const documents = Array.from({ length: 600 }, () => element(4));
    const differing = documents.filter((document) => !isDeepStrictEqual(ours(document), theirs(document)));
    expect(differing.slice(0, 5).map((document) => [document, ours(document), theirs(document)])).toEqual([]);
  });

  test('1,000 documents with a letter gone wrong: what is read at all, their validator takes as well', () => {
    const broken = Array.from({ length: 1000 }, () => {
      const document = element(3);
      const at = Math.floor(random() * document.length);
      return document.slice(0, at) + pick(['', '<', '>', '&', '"', '/', ' ', '!', '?', ']]>', '&x;'], '') + document.slice(at + 1);
    });
    const read = broken.filter((document) => ours(document) !== 'refused');
    expect(read.length).toBeGreaterThan(100);
    expect(read.filter((document) => XMLValidator.validate(document) !== true)).toEqual([]);
  });

  test('stricter on purpose: what it expands or overlooks is refused', () => {
    const documents = ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', '<a><b></a>', '<a>&nbsp;</a>', '<a><?php x ?></a>', '<a>x<b/>y</a>', '<a>]]></a>'];
    expect(documents.map(ours)).toEqual(documents.map(() => 'refused'));
    for (const document of documents) expect(() => theirs(document), document).not.toThrow();
  });
});
