import sanitizeHtml from 'sanitize-html';
import { Problem } from '../app-core/problem.ts';
import { type Html, unescaped } from './html.ts';

/** The longest text that is formatted, UTF-16 units. A schema for it: `text(longestUserText)`. */
export const longestUserText = 50_000;

const blocks = ['blockquote', 'dd', 'dl', 'dt', 'h2', 'h3', 'h4', 'hr', 'li', 'ol', 'p', 'pre', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'];
const phrases = ['a', 'abbr', 'b', 'br', 'code', 'del', 'em', 'i', 'ins', 'kbd', 's', 'strong', 'sub', 'sup', 'u'];
/** No class, no id, no name, no style: they would look like the page, or stand in for its variables (DOM clobbering). */
const attributes = { a: ['href', 'rel'], abbr: ['title'], ol: ['start'] };
/** What stands in these is not for readers. */
const dropped = ['script', 'style', 'textarea', 'option', 'noscript', 'noembed', 'noframes', 'iframe', 'template', 'svg', 'math', 'title', 'xmp', 'plaintext'];
/** A link passes nothing on: no opener, no address of the page, no weight with search engines. */
const rel = 'noopener noreferrer nofollow ugc';

/** What remains of markup that people wrote: formatting, and links that run nothing (OWASP Cross Site Scripting Prevention, HTML Sanitization). */
const policy: sanitizeHtml.IOptions = {
  allowedTags: [...blocks, ...phrases], // protect: Q458 ([...blocks, ...phrases] -> false)
  allowedAttributes: attributes, // protect: Q458 (attributes -> false)
  allowedSchemes: ['https', 'http', 'mailto'], // protect: Q458
  allowProtocolRelative: false, // protect: Q458
  transformTags: {
    // A page has one heading of the first rank, its own.
    h1: 'h2',
    a: sanitizeHtml.simpleTransform('a', { rel }), // protect: Q458
  },
  nestingLimit: 50, // protect: Q458
  nonTextTags: dropped,
};

/** @throws Problem 413 for text that is longer than `longestUserText`: length first, since everything behind it costs. */
export const assertNotTooLong = (source: string): void => {
  if (source.length <= longestUserText) return;
  throw new Problem(413, { detail: `A text has at most ${longestUserText} characters.` }); // protect: Q458
};

/** Takes out what may run, track or disguise itself. It comes last: what is done to its outcome would undo it. */
export const sanitised = (markup: string): Html => unescaped(sanitizeHtml(markup, policy)); // protect: Q458 (sanitizeHtml(markup, policy) -> markup)

/**
 * HTML that people wrote, as it may stand in a page. Keep the source and call this whenever it is shown: a stricter policy then
 * reaches what was stored before it.
 * @throws Problem 413 for text that is longer than `longestUserText`.
 */
export const userHtml = (source: string): Html => {
  assertNotTooLong(source);
  return sanitised(source);
};
