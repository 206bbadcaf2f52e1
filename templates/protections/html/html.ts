import { escapeHtml } from '../app-core/escape-html.ts';
import { isOwnPath } from '../host-check/own-path.ts';
import { safeHref } from '../host-check/safe-href.ts';
import { type Place, placesOf } from './places.ts';

/** Markup. Only this file makes it, so that text from elsewhere, whatever its type claims, is never taken for it (CWE-79). */
export class Html {
  readonly #markup: string;

  constructor(key: typeof own, markup: string) {
    if (key !== own) throw new TypeError('Markup is made by html`...` only.'); // protect: G8
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** Attributes that depend on something: `<input ${attributes({ required: true })}>`. */
export class Attributes {
  readonly #markup: string;

  constructor(key: typeof own, markup: string) {
    if (key !== own) throw new TypeError('Attributes are made by attributes() only.'); // protect: G8
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

const own: unique symbol = Symbol('made here');

/** What may stand in `${}`. Nothing is shown for undefined and false. */
export type Part = string | number | false | undefined | Html | Attributes | readonly Part[];

/**
 * Markup with values in it. Every value is escaped for the place where it stands: text, an attribute in double quotes, an address.
 * @throws TypeError for a place that cannot be made safe (an attribute without quotes, a script, a style), for a value that does not
 * belong in its place, and for a template that does not stand in the source.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Part[]): Html => {
  // JavaScript freezes the texts of a template literal; what was made from data is not (CWE-1336).
  if (!Object.isFrozen(strings)) throw new TypeError('A template stands in the source.'); // protect: B1
  const places = placesOf(strings);
  const parts = values.map((value, index) => filled(places[index], value) + (strings[index + 1] ?? ''));
  return new Html(own, (strings[0] ?? '') + parts.join(''));
};

/**
 * Takes text for markup, as it is. Whoever calls this answers for every character: the linter knows a short list of files that may
 * (`html/no-unescaped` in `.oxlintrc.json`). For what people wrote there are `userHtml` and `userMarkdown`.
 */
export const unescaped = (markup: string): Html => new Html(own, markup);

const filled = (place: Place | undefined, value: Part): string => {
  if (value === undefined || value === false) return '';
  if (place === 'text') return asText(value);
  if (place === 'attributes' && value instanceof Attributes) return value.toString();
  if (typeof value === 'object') throw new TypeError('Markup cannot stand inside of a tag.'); // protect: G8
  if (place === 'attribute') return escapeHtml(String(value)); // protect: Q409 (escapeHtml(String(value)) -> String(value))
  if (place === 'address') return escapeHtml(asAddress(String(value)));
  if (place === 'own address') return escapeHtml(asOwnAddress(String(value)));
  throw new TypeError('Nothing can stand here.');
};

const asText = (value: Part): string => {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map((part: Part) => filled('text', part)).join('');
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value)); // protect: Q409 (escapeHtml(String(value)) -> String(value))
  throw new TypeError('Attributes cannot stand in text.');
};

/** A path of this app, or an absolute link; `javascript:` and `//elsewhere` are neither. */
const asAddress = (text: string): string => (isOwnPath(text) ? text : safeHref(text)); // protect: Q409 (isOwnPath(text) ? text : safeHref(text) -> text)

/** A path of this app: for what a page loads, and for where its forms lead. */
const asOwnAddress = (text: string): string => (isOwnPath(text) ? text : '#'); // protect: Q409 (isOwnPath(text) ? text : '#' -> text)

const attributeName = /^(?!on|style$|src|href$|action$|formaction$)[a-z][a-z-]*$/;

/** @throws TypeError for a name that can run something or lead somewhere: write these out in the template. */
export const attributes = (values: Readonly<Record<string, string | number | boolean | undefined>>): Attributes => {
  const written = Object.entries(values).flatMap(([name, value]) => {
    if (!attributeName.test(name)) throw new TypeError(`The attribute ${name} must be written in the template.`); // protect: Q409
    if (value === undefined || value === false) return [];
    return [value === true ? name : `${name}="${escapeHtml(String(value))}"`];
  });
  return new Attributes(own, written.join(' '));
};
