import { type Html, html } from '#src/protections/html/html.ts';

/** A moment, to the minute, in UTC: the server does not know where the reader is. */
export const time = (iso: string): Html => html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
