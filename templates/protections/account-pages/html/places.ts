/** Where in the markup a value stands. */
export type Place = 'text' | 'attribute' | 'address' | 'attributes' | 'nowhere';

const known = new WeakMap<readonly string[], readonly Place[]>();

/**
 * The place of each `${}` of a template. Looked at once for each template, before any value is known.
 * @throws TypeError for a place where escaping does not help, and for script or style that is not in a file of its own: the content
 * security policy would not let it run.
 */
export const placesOf = (strings: readonly string[]): readonly Place[] => {
  const found = known.get(strings);
  if (found !== undefined) return found;
  // Only this folder writes templates, and only in the forms that these expressions know.
  if (inline.test(strings.join(' '))) throw new TypeError('Script and style stand in files of their own.'); // protect: P1
  let before = '';
  const places = strings.slice(0, -1).map((text) => {
    before += text;
    return placeAfter(before);
  });
  known.set(strings, places);
  return places;
};

const inline = /<style|<script(?![^>]*\ssrc=)|\s(?:style|srcdoc|on\w+)\s*=/i;
const wholeTag = /<[^<>"]*(?:"[^"]*"[^<>"]*)*>/g;
const insideValue = /^<[a-z][a-z\d]*(?:\s+[a-z][a-zA-Z-]*(?:="[^"]*")?)*\s+([a-z][a-zA-Z-]*)="[^"]*$/;
const betweenAttributes = /^<[a-z][a-z\d]*(?:\s+[a-z][a-zA-Z-]*(?:="[^"]*")?)*\s+$/;
const addresses: ReadonlySet<string> = new Set(['href', 'src', 'action', 'formaction', 'poster', 'cite', 'data', 'ping']);

const placeAfter = (markup: string): Place => {
  const rest = markup.replaceAll(wholeTag, '');
  const open = rest.indexOf('<');
  if (open < 0) return 'text';
  const tag = rest.slice(open);
  const attribute = insideValue.exec(tag)?.[1];
  if (attribute !== undefined) return addresses.has(attribute) ? 'address' : 'attribute';
  if (betweenAttributes.test(tag)) return 'attributes';
  throw new TypeError('A value stands in text, or in an attribute in double quotes.'); // protect: P1 (throw new TypeError('A value stands in text, or in an attribute in double quotes.') -> return 'attribute')
};
