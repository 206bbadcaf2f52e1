import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { Problem } from '#src/protections/app-core/problem.ts';

/** The largest PDF that is looked into, and what its object streams may unpack to together; bytes. */
const mostBytes = 33_554_432;
const mostUnpacked = 67_108_864;

const unpack = promisify(inflate);

const refused = (rule: string): Problem => new Problem(422, { detail: 'The PDF cannot be taken.', extensions: { code: 'pdf', rule } });

/**
 * What acts by itself: scripts, programs that are started, forms that are sent, files inside the file (ISO 32000-2 sections 12.6
 * and 7.11). Every script stands in an action of the type JavaScript or Rendition, or in a form of the kind XFA.
 */
const active = /\/(?:JavaScript|Rendition|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|XFA)(?![\w-])/;

/** `/J#61vaScript` is `/JavaScript`: any character of a name may be written by its number. */
const plain = (text: string): string => text.replaceAll(/#([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))); // protect: Q478 (text.replaceAll(/#([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))) -> text)

/**
 * Looks for what acts, also in compressed object streams, where a search for bytes sees nothing. What cannot be looked into
 * (encrypted, object streams that are packed in an unusual way) is refused too.
 * @throws Problem 422.
 */
export const inspectPdf = async (path: string): Promise<void> => {
  if ((await stat(path)).size > mostBytes) throw refused('size'); // protect: Q478
  const bytes = await readFile(path);
  const text = plain(bytes.toString('latin1'));
  if (active.test(text)) throw refused('active'); // protect: Q478
  if (/\/Encrypt(?![\w-])/.test(text)) throw refused('encrypted'); // protect: Q478
  let left = mostUnpacked;
  for (const start of objectStreams(bytes, text)) {
    const unpacked = await unpackedAt(bytes, start, left);
    left -= unpacked.length;
    if (active.test(plain(unpacked.toString('latin1')))) throw refused('active'); // protect: Q478
  }
};

const stream = /\bstream(?:\r\n|\n|\r)/g;

/** Where the object streams begin. @throws Problem 422 when there are some whose place or packing is not plain to see. */
const objectStreams = (bytes: Buffer, text: string): number[] => {
  const raw = bytes.toString('latin1');
  const starts: number[] = [];
  let end = 0;
  for (const { 0: word, index } of raw.matchAll(stream)) {
    const dictionary = plain(raw.slice(Math.max(raw.lastIndexOf('obj', index), end), index));
    end = index;
    if (!dictionary.includes('/ObjStm')) continue;
    // Packed by Deflate alone: any other way would hide what is in it.
    const isUsual = /\/Filter\s*(?:\/FlateDecode|\[\s*\/FlateDecode\s*\])/.test(dictionary) && !/\/(?:DecodeParms|DP|F|FFilter)(?![\w-])/.test(dictionary);
    if (!isUsual) throw refused('packing'); // protect: Q478
    starts.push(index + word.length);
  }
  const named = text.match(/\/ObjStm/g)?.length ?? 0;
  if (named !== starts.length) throw refused('packing'); // protect: Q478
  return starts;
};

const unpackedAt = async (bytes: Buffer, start: number, left: number): Promise<Buffer> => {
  try {
    return await unpack(bytes.subarray(start), { maxOutputLength: Math.max(left, 1) });
  } catch {
    throw refused('packing');
  }
};
