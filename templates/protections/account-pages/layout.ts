import type { Reply } from '#src/protections/app-core/reply.ts';
import { csrfToken } from '#src/protections/csrf/token.ts';
import { type Html, html } from '#src/protections/html/html.ts';
import { pageReply } from '#src/protections/html/page.ts';
import { sessionOf } from '#src/protections/sessions/current.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { paths } from './paths.ts';

/** What a page shows. */
export interface Page {
  readonly title: string;
  /** Behind the heading, which is the title. */
  readonly main: Html;
  /** Said above everything, to screen readers first. */
  readonly notice?: string | undefined;
  /** What was wrong with the last try. */
  readonly complaint?: string | undefined;
  /** Whether the page needs the script for passkeys. */
  readonly script?: true;
}

const document = (given: Given, { title, main, notice, complaint, script }: Page): Html => {
  const site = new URL(given.app.config.BASE_URL).host;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${complaint === undefined ? '' : 'Not yet: '}${title} – ${site}</title>
<link rel="stylesheet" href="${paths.style}">
${script === true && html`<script type="module" src="${paths.script}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="site"><a href="${paths.account}">${site}</a></p>
${sessionOf(given.context) !== undefined && signOutForm(given)}
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
${complaint !== undefined && html`<p class="complaint" role="alert" id="complaint">${complaint}</p>`}
${main}
</main>
</body>
</html>
`;
};

const signOutForm = (given: Given): Html => html`<form method="post" action="${paths.signOut}">
<input type="hidden" name="_csrf" value="${csrfToken(given)}">
<button type="submit" class="plain">Sign out</button>
</form>`;

/**
 * A page as an answer. The address of a page can hold a code from a mail: other hosts learn nothing of it, and this one is
 * told only its origin, which forms need to say where they come from.
 */
export const show = (given: Given, page: Page, status = 200, headers: Readonly<Record<string, string>> = {}): Reply<never> =>
  pageReply(given, document(given, page), {
    status,
    headers: { ...headers, 'referrer-policy': 'strict-origin' }, // protect: P1 ('strict-origin' -> 'unsafe-url')
  });
