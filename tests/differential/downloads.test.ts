import { parse } from 'content-disposition';
import parseRange from 'range-parser';
import { describe, expect, test } from 'vitest';
import { contentDisposition } from '../../templates/protections/downloads/deliver.ts';
import { rangeOf } from '../../templates/protections/downloads/range.ts';
import { displayNameOf } from '../../templates/protections/uploads/display-name.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

describe('the names of downloads, read by content-disposition', () => {
  const random = randomNumbers(8);
  const letters = [...Array.from('aZ09 ._-\'"%;=\\/()*é漢\u202e\r\n\0\u200f~`'), '😀', '../', '.pdf', '%20', "UTF-8''"];
  const name = (): string => Array.from({ length: Math.floor(random() * 12) }, () => letters[Math.floor(random() * letters.length)] ?? '').join('');

  test('20,000 names come out as what people are shown, and nothing else comes with them', () => {
    for (let round = 0; round < 20_000; round += 1) {
      const stored = name();
      const { type, parameters } = parse(contentDisposition('attachment', stored));
      const shown = displayNameOf(stored);
      expect(type).toBe('attachment');
      expect(parameters['filename']).toBe(shown === '' ? 'file' : shown);
      expect(Object.keys(parameters).filter((each) => !['filename', 'filename*'].includes(each))).toEqual([]);
    }
  });
});

/** The part of a file, or the status of the refusal. */
const partOf = (header: string, size: number): unknown => {
  try {
    return rangeOf(header, size);
  } catch (error) {
    return error instanceof Error && 'status' in error ? error.status : error;
  }
};

describe('parts of files, against range-parser', () => {
  const random = randomNumbers(9);
  const number = (): string => (random() < 0.2 ? '' : String(Math.floor(random() * 40)));

  test('10,000 single ranges: the same part, or none', () => {
    for (let round = 0; round < 10_000; round += 1) {
      const [first, last, size] = [number(), number(), Math.floor(random() * 30)];
      // The last bytes of a file that has fewer are all of it (RFC 9110 section 14.1.2); range-parser refuses.
      if (first === '' && Number(last) > size) continue;
      const header = `bytes=${first}-${last}`;
      const theirs = parseRange(size, header);
      const [part] = Array.isArray(theirs) ? theirs : [];
      expect(partOf(header, size), `${header} of ${size}`).toEqual(part === undefined ? 416 : { first: part.start, last: part.end });
    }
  });
});
