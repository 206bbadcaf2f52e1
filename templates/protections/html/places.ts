/** Where in the markup a value stands. */
export type Place = 'text' | 'attribute' | 'address' | 'own address' | 'attributes';

const known = new WeakMap<readonly string[], readonly Place[]>();

/**
 * The place of each `${}` of a template. Looked at once for each template, before any value is known; the linter asks too.
 * @throws TypeError for a place where escaping does not help, for markup that is not read in one way only, and for script or style that
 * neither is in a file of its own nor carries a nonce: the content security policy would not let it run.
 */
export const placesOf = (strings: readonly string[]): readonly Place[] => {
  const found = known.get(strings);
  if (found !== undefined) return found;
  if (strings.some((text) => text.includes(hole))) throw new TypeError('A template holds no NUL.');
  const places = read(strings.join(hole));
  known.set(strings, places);
  return places;
};

/** Stands for a value while a template is read. */
const hole = '\0';

/** What a template is made of. Attributes have double quotes, and no `<` in them: a forgotten quote would hide a tag. */
const token =
  /(?<text>[^<\0]+)|(?<value>\0)|<!doctype[^<>\0]*>|<!--(?:(?!-->)[^\0])*-->|<\/[a-z][a-z\d-]*\s*>|<(?<element>[a-z][a-z\d-]*)(?<inside>(?:\s+(?:\0|[a-z][\w:-]*(?:="[^"<]*")?))*)\s*\/?>/iy;

const read = (template: string): readonly Place[] => {
  const places: Place[] = [];
  let at = 0;
  while (at < template.length) {
    token.lastIndex = at;
    const found = token.exec(template);
    if (found === null) throw new TypeError(unreadable); // protect: Q409 (throw new TypeError(unreadable) -> return Array.from(template, () => 'attribute'))
    const { value, element, inside = '' } = found.groups ?? {};
    at = token.lastIndex;
    if (value !== undefined) places.push('text');
    if (element === undefined) continue;
    places.push(...placesIn(element.toLowerCase(), inside));
    at += rawLength(element, template.slice(at));
  }
  return places;
};

const unreadable = 'A value stands in text, or in an attribute in double quotes; a sign that begins no tag is written &lt;.';

/** How much behind the tag is script or style, up to its end tag. */
const rawLength = (element: string, rest: string): number => {
  const end = rawEnds.get(element.toLowerCase());
  if (end === undefined) return 0;
  const length = rest.search(end);
  if (length < 0 || rest.slice(0, length).includes(hole)) throw new TypeError(inRaw); // protect: Q409 (throw new TypeError(inRaw) -> return 0)
  return length;
};

const inRaw = 'No value stands in a script or a style: pass it by pageData().';

const rawEnds: ReadonlyMap<string, RegExp> = new Map([
  ['script', /<\/script\s*>/i],
  ['style', /<\/style\s*>/i],
]);

const attribute = /\s+(?:\0|([a-z][\w:-]*)(?:="([^"<]*)")?)/gi;

/** The places in a start tag. */
const placesIn = (element: string, inside: string): Place[] => {
  const all = [...inside.matchAll(attribute)].map(([, name, value = '']) => ({ name: name?.toLowerCase(), value }));
  const has = (wanted: string): boolean => all.some(({ name }) => name === wanted);
  const isInline = (element === 'script' && !has('src') && !has('nonce')) || (element === 'style' && !has('nonce'));
  if (isInline) throw new TypeError('Script and style stand in files of their own, or carry a nonce.'); // protect: Q409
  return all.flatMap(({ name, value }) => (name === undefined ? ['attributes'] : placesOfValue(element, name, value)));
};

const runs = /^(?:on|style$|srcdoc$)/;
const addresses: ReadonlySet<string> = new Set(['href', 'xlink:href', 'src', 'srcset', 'action', 'formaction', 'poster', 'cite', 'data', 'ping', 'background', 'manifest']);
/** Elements that run or show what they load as a part of the page, or that send what people type. */
const loaders: ReadonlySet<string> = new Set(['script', 'iframe', 'frame', 'embed', 'object', 'form', 'button', 'input', 'base', 'use']);

const placesOfValue = (element: string, name: string, value: string): Place[] => {
  if (runs.test(name) || (name === 'http-equiv' && value !== 'content-type')) throw new TypeError(`The attribute ${name} does not stand in a template: script and style have files of their own.`); // protect: Q409
  const count = value.split(hole).length - 1;
  if (!addresses.has(name)) return Array.from({ length: count }, () => 'attribute');
  if (count === 0) return [];
  // `/` and `/evil.test` are paths of this app, and lead elsewhere together.
  if (value !== hole) throw new TypeError('An address is one value: make the whole of it before.'); // protect: Q409
  return [loaders.has(element) ? 'own address' : 'address']; // protect: Q409 (loaders.has(element) ? 'own address' : 'address' -> 'address')
};
