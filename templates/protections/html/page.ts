import type { RequestContext } from '#src/protections/app-core/context.ts';
import { escapeHtml } from '#src/protections/app-core/escape-html.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { addDirective } from '#src/protections/headers/directives.ts';
import { cspNonce } from '#src/protections/headers/nonce.ts';
import { Html, html, unescaped } from './html.ts';

interface Given {
  readonly context: RequestContext;
}

interface More {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A page as an answer. Its script cannot write markup: browsers refuse text where HTML or code is due (Trusted Types).
 * @throws TypeError for what is no markup of `html`.
 */
export const pageReply = ({ context }: Given, document: Html, { status = 200, headers = {} }: More = {}): Reply<never> => {
  addDirective(context, "require-trusted-types-for 'script'"); // protect: Q409
  addDirective(context, "trusted-types 'none'"); // protect: Q409
  return { status, headers, text: { type: 'text/html; charset=utf-8', text: Html.prototype.toString.call(document) } }; // protect: G8 (Html.prototype.toString.call(document) -> String(document))
};

/** A script of this app, as a module: it runs when the page is there. */
export const scriptTag = ({ context }: Given, path: OwnPath): Html => html`<script type="module" src="${path}" nonce="${cspNonce(context)}"></script>`;

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Written as escapes: `</script>` and `<!--` would end the block or change how it ends, in whatever text they stand. */
const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

/** Data for a script of the page: `JSON.parse(document.getElementById(id).textContent)`. It is never run. */
export const pageData = (id: string, data: Json): Html => {
  const json = JSON.stringify(data).replace(/[<>&]/g, (character) => escapes[character] ?? ''); // protect: Q409 (escapes[character] ?? '' -> character)
  return unescaped(`<script type="application/json" id="${escapeHtml(id)}">${json}</script>`);
};
