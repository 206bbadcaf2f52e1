import type { Problem } from '#src/protections/app-core/problem.ts';
import type { HandlerArguments, InputSchemas } from '#src/protections/app-core/route.ts';
import { csrfToken } from '#src/protections/csrf/token.ts';
import { cspNonce } from '#src/protections/headers/nonce.ts';
import { type Html, attributes, html } from '#src/protections/html/html.ts';
import { contactPath } from './paths.ts';

type Given = Pick<HandlerArguments<InputSchemas>, 'app' | 'context' | 'request'>;

/** What was typed, and what was wrong with it. */
export interface FormState {
  readonly ticket: string;
  readonly values: Readonly<Record<string, string>>;
  readonly problem?: Problem;
}

const layout = ({ context }: Given, title: string, main: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${cspNonce(context)}">
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
label, input, textarea { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, textarea { margin-bottom: 1rem; padding: .4rem; border: 1px solid #767676; }
button { font: inherit; padding: .5rem 1rem; }
.complaint { border-left: .25rem solid #b3261e; padding-left: .75rem; }
.other { position: absolute; left: -200vw; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`;

const sentences: Readonly<Record<string, string>> = {
  form_expired: 'The page was open for a long time. Send it once more.',
  csrf_token_required: 'The page was open for a long time. Send it once more.',
  '/body/name': 'Say who you are, in at most 100 characters.',
  '/body/email': 'Type an address such as name@example.com.',
  '/body/message': 'Write a message of at most 5,000 characters.',
};

const sentenceOf = ({ status, title, detail, extensions: { code, path } }: Problem): string => {
  if (status === 429) return 'Too many messages came in. Try again in an hour.';
  return sentences[typeof code === 'string' ? code : String(path)] ?? detail ?? title;
};

/** Ties a field to what was wrong with it (WCAG 2.2, 3.3.1). */
const fault = (name: string, problem: Problem | undefined) => {
  const isWrong = problem?.extensions['path'] === `/body/${name}`;
  return { 'aria-invalid': isWrong ? 'true' : undefined, 'aria-describedby': isWrong ? 'complaint' : undefined, autofocus: isWrong };
};

/** The form. It needs no script; the field that people do not see is hidden from screen readers too. */
export const formPage = (given: Given, { ticket, values, problem }: FormState): Html =>
  layout(
    given,
    'Write to us',
    html`${problem !== undefined && html`<p class="complaint" role="alert" id="complaint">${sentenceOf(problem)}</p>`}
<form method="post" action="${contactPath}">
<input type="hidden" name="_csrf" value="${csrfToken(given)}">
<input type="hidden" name="ticket" value="${ticket}">
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" maxlength="100" required ${attributes({ value: values['name'], ...fault('name', problem) })}>
<label for="email">Your email address, for the answer</label>
<input id="email" name="email" type="email" autocomplete="email" maxlength="254" required ${attributes({ value: values['email'], ...fault('email', problem) })}>
<label for="message">Your message</label>
<textarea id="message" name="message" rows="10" maxlength="5000" required ${attributes(fault('message', problem))}>
${values['message']}</textarea>
<div class="other" aria-hidden="true"><label for="website">Leave this empty</label><input id="website" name="website" tabindex="-1" autocomplete="off"></div>
<button type="submit">Send</button>
</form>`,
  );

export const thanksPage = (given: Given): Html => layout(given, 'Thank you', html`<p>Your message is on its way.</p>`);
