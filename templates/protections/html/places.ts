/** Where in the markup a value stands. */
export type Place = 'text' | 'attribute' | 'address' | 'own address' | 'attributes' | 'nowhere';

const known = new WeakMap<readonly string[], readonly Place[]>();

/**
 * The place of each `${}` of a template. Looked at once for each template, before any value is known; the linter asks too.
 * @throws TypeError for a place where escaping does not help, and for script or style that neither is in a file of its own nor
 * carries a nonce: the content security policy would not let it run.
 */
export const placesOf = (strings: readonly string[]): readonly Place[] => {
  const found = known.get(strings);
  if (found !== undefined) return found;
  if (inline.test(strings.join(' '))) throw new TypeError('Script and style stand in files of their own, or carry a nonce; handlers are added by script.'); // protect: Q409
  let before = '';
  const places = strings.slice(0, -1).map((text, index) => {
    before += text;
    return placeBetween(before, strings[index + 1] ?? '');
  });
  known.set(strings, places);
  return places;
};

// Templates stand in the source of this app, and only in the forms that these expressions know.
const inline = /<style(?![^>]*\snonce=)|<script(?![^>]*\s(?:src|nonce)=)|\s(?:style|srcdoc|on\w+)\s*=|\shttp-equiv\s*=\s*"?refresh/i;
const wholeTag = /<[^<>"]*(?:"[^"]*"[^<>"]*)*>/g;
/** From the last tag of its kind on there is no end tag: what stands here is no markup. */
const insideRaw = /<(script|style)\b[^>]*>(?:(?!<\/\1)[^])*$/i;
const insideValue = /^<([a-z][a-z\d]*)(?:\s+[a-z][a-zA-Z-]*(?:="[^"]*")?)*\s+([a-z][a-zA-Z-]*)="([^"]*)$/;
const betweenAttributes = /^<[a-z][a-z\d]*(?:\s+[a-z][a-zA-Z-]*(?:="[^"]*")?)*\s+$/;
const addresses: ReadonlySet<string> = new Set(['href', 'src', 'srcset', 'action', 'formaction', 'poster', 'cite', 'data', 'ping']);
/** Elements that run or show what they load as a part of the page, or that send what people type. */
const loaders: ReadonlySet<string> = new Set(['script', 'iframe', 'frame', 'embed', 'object', 'form', 'button', 'input', 'base']);

const placeBetween = (before: string, after: string): Place => {
  if (insideRaw.test(before)) throw new TypeError('No value stands in a script or a style: pass it by pageData().'); // protect: Q409
  const rest = before.replaceAll(wholeTag, '');
  const open = rest.indexOf('<');
  if (open < 0) return 'text';
  const tag = rest.slice(open);
  const [, element = '', attribute, begun] = insideValue.exec(tag) ?? [];
  if (attribute !== undefined && !addresses.has(attribute)) return 'attribute';
  if (attribute !== undefined) {
    // `/` and `/evil.test` are paths of this app, and lead elsewhere together.
    if (begun !== '' || !after.startsWith('"')) throw new TypeError('An address is one value: make the whole of it before.'); // protect: Q409
    return loaders.has(element) ? 'own address' : 'address'; // protect: Q409 (loaders.has(element) ? 'own address' : 'address' -> 'address')
  }
  if (betweenAttributes.test(tag)) return 'attributes';
  throw new TypeError('A value stands in text, or in an attribute in double quotes.'); // protect: Q409 (throw new TypeError('A value stands in text, or in an attribute in double quotes.') -> return 'attribute')
};
