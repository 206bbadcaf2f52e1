import type { RequestContext } from '#src/protections/app-core/context.ts';
import type { Problem } from '#src/protections/app-core/problem.ts';
import { cspNonce } from '#src/protections/headers/nonce.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { type Html, html } from '#src/protections/html/html.ts';
import { pageData, scriptTag } from '#src/protections/html/page.ts';
import { userMarkdown } from '#src/protections/html/user-markdown.ts';

interface Given {
  readonly context: RequestContext;
}

/** A document as its owner sees it. */
interface Document {
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly updatedAt: string;
}

export const scriptPath = ownPath('/assets/documents.js');

interface Layout {
  readonly title: string;
  readonly main: Html;
  readonly head?: Html;
}

const layout = ({ title, main, head }: Layout): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}
</head>
<body>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`;

const item = ({ id, title, updatedAt }: Document): Html => html`<li data-document="${id}">
<a href="${`/documents/${id}`}">${title}</a> <time datetime="${updatedAt}">${updatedAt.slice(0, 10)}</time>
</li>`;

/** Own documents; a script narrows the list while somebody types. */
export const listPage = (given: Given, documents: readonly Document[]): Html =>
  layout({
    title: 'Your documents',
    head: html`<style nonce="${cspNonce(given.context)}">body { font-family: sans-serif; max-width: 40em; margin: auto; }</style>
${scriptTag(given, scriptPath)}`,
    main: html`<form role="search" hidden><label for="search">Only those with</label> <input id="search" type="search" autocomplete="off"> <output for="search"></output></form>
${documents.length === 0 ? html`<p>There are none yet.</p>` : html`<ul>${documents.map(item)}</ul>`}
${pageData('words', documents.map(({ id, title, body }) => [id, `${title} ${body}`.toLowerCase()]))}`,
  });

/** One document. */
export const documentPage = ({ title, body }: Document): Html =>
  layout({
    title,
    main: html`${userMarkdown(body)}
<p><a href="/documents">Back to your documents</a></p>`,
  });

/** What stands in the place of a page that was refused. The address is text like any other. */
export const refusalPage = ({ title, detail }: Problem, address: string): Html =>
  layout({
    title,
    main: html`<p>${detail ?? 'This page cannot be shown.'}</p>
<p>The address was <code>${address}</code>.</p>`,
  });
