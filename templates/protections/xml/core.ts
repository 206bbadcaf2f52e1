import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { Problem } from '../app-core/problem.ts';
import { XmlTree } from './tree.ts';

export interface XmlOptions {
  /** Names of elements that are a list even when there is only one. */
  readonly lists?: readonly string[];
}

/** `text/xml; charset=utf-8`: no other charset, and nothing else that could name one. */
const utf8Type = /^[^;,]+(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** @throws Problem that names the rule, never the document: it is not ours to repeat (CWE-209). */
const refuse = (status: number, rule: string): never => {
  throw new Problem(status, { detail: 'The body is not acceptable XML.', extensions: { path: '/body', rule } });
};

/**
 * Reads one XML document (XML 1.0) as data: well-formed, in UTF-8, without a document type. There is nothing in it that
 * could name a file, a host or an entity (CWE-611, CWE-776): a document type is refused whatever it declares, and the five
 * entities of XML itself are the only ones. Depth and number of elements and attributes are bounded.
 *
 * An element with text alone is that text; any other is an object with its children, its attributes as `@name`, its text
 * as `#text`. Elements of one name are a list, as are those of `lists`. All values are text. The root stands under its name.
 * @throws Problem 415 for another encoding, 400 for everything else.
 */
export const parseXml = (body: Buffer, contentType = 'application/xml', { lists = [] }: XmlOptions = {}): unknown => {
  if (!utf8Type.test(contentType)) refuse(415, 'charset'); // protect: Q423
  if (looksLikeUtf16(body)) refuse(415, 'utf-8'); // protect: Q423
  if (!isUtf8(body)) refuse(400, 'utf-8'); // protect: Q423
  const tree = new XmlTree(new Set(lists), (rule) => refuse(400, rule));
  const parser = new SaxesParser({ position: false });
  // Its messages quote the document.
  parser.on('error', () => refuse(400, 'syntax'));
  parser.on('doctype', () => refuse(400, 'no-doctype')); // protect: Q423
  parser.on('processinginstruction', () => refuse(400, 'no-instruction')); // protect: Q423
  parser.on('xmldecl', ({ version, encoding = 'utf-8' }) => {
    if (encoding.toLowerCase() !== 'utf-8') refuse(415, 'utf-8'); // protect: Q423
    // XML 1.1 lets control characters in.
    if (version !== '1.0') refuse(400, 'version'); // protect: Q423
  });
  parser.on('opentagstart', ({ name }) => tree.open(name));
  parser.on('attribute', ({ name, value }) => tree.attribute(name, value));
  parser.on('text', (text) => tree.text(text));
  parser.on('cdata', (text) => tree.text(text));
  parser.on('closetag', () => tree.close());
  parser.write(body.toString('utf8')).close();
  return tree.value;
};

/** XML in UTF-16 or UTF-32 begins with a byte order mark, or has a zero byte beside its first character. */
const looksLikeUtf16 = (body: Buffer): boolean =>
  body[0] === 0 || body[1] === 0 || (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);
