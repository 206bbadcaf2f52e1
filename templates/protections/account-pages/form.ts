import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { csrfToken } from '#src/protections/csrf/token.ts';
import { type Html, attributes, html } from '#src/protections/html/html.ts';
import type { Given } from '#src/protections/sessions/given.ts';

/** What a form was filled in with, and what was wrong with it. */
export interface FormState {
  /** Of the form, or of the query of a page that is shown for the first time. */
  readonly values: Readonly<Record<string, string>>;
  readonly complaint?: Complaint;
}

export interface Complaint {
  readonly message: string;
  /** The name of the field that is wrong; undefined when it is none of them. */
  readonly field: string | undefined;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  /** What a password manager or a phone puts there (WCAG 2.2, 1.3.5). */
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'off';
  readonly hint?: string;
  readonly maxLength?: number;
  readonly inputMode?: 'numeric';
}

/** An input with its label; what is wrong with it stands beside it and is tied to it (WCAG 2.2, 3.3.1). */
export const field = ({ name, label, type, autocomplete, hint, maxLength, inputMode }: Field, { values, complaint }: FormState): Html => {
  const wrong = complaint?.field === name ? complaint.message : undefined;
  const described = [hint === undefined ? '' : `${name}-hint`, wrong === undefined ? '' : `${name}-wrong`].join(' ').trim();
  const more = attributes({
    inputmode: inputMode,
    maxlength: maxLength,
    // What was typed comes back, but for what nobody should read over a shoulder.
    value: type === 'password' ? undefined : values[name], // protect: P1 (type === 'password' ? undefined : values[name] -> values[name])
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': wrong === undefined ? undefined : 'true',
    autofocus: wrong !== undefined,
    spellcheck: 'false',
    autocapitalize: 'none',
  });
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${wrong !== undefined && html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required ${more}>
</div>`;
};

interface Form {
  readonly action: OwnPath;
  readonly submit: string;
  /** The name of the button for who does not see what stands around it. */
  readonly submitLabel?: string;
  readonly fields?: readonly Html[];
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  readonly look?: 'plain' | 'danger';
}

/** A form that posts to this app, with the token that belongs to this browser. */
export const form = (given: Given, { action, submit, submitLabel, fields = [], hidden = {}, look }: Form): Html => {
  const kept = Object.entries(hidden).flatMap(([name, value]) => (value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}">`]));
  return html`<form method="post" action="${action}">
<input type="hidden" name="_csrf" value="${csrfToken(given)}">
${kept}${fields}
<button type="submit" ${attributes({ class: look, 'aria-label': submitLabel })}>${submit}</button>
</form>`;
};
