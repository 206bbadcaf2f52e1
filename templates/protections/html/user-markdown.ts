import markdownIt from 'markdown-it';
import type { Html } from './html.ts';
import { assertNotTooLong, sanitised } from './user-html.ts';

/** Images are left out, since they tell another host who reads the page; what is written as HTML is shown as it was written. */
const renderer = markdownIt({ html: false }).disable('image'); // protect: G8 ({ html: false } -> { html: true })

/**
 * Markdown that people wrote, as it may stand in a page. Keep the source and call this whenever it is shown.
 * @throws Problem 413 for text that is longer than `longestUserText`.
 */
export const userMarkdown = (source: string): Html => {
  assertNotTooLong(source);
  return sanitised(renderer.render(source));
};
