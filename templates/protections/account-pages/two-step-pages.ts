import { csrfField } from '#src/protections/csrf/field.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { type Html, html } from '#src/protections/html/html.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { type TotpEnrolment, confirmTotp, startTotpEnrolment } from '#src/protections/totp/enrolment.ts';
import { Code } from '#src/protections/totp/schemas.ts';
import { removeTotp, renewRecoveryCodes, totpState } from '#src/protections/totp/settings.ts';
import { closed } from '#src/protections/validation/core.ts';
import { codeField } from './fields.ts';
import { type FormState, field, form } from './form.ts';
import { type Page, show } from './layout.ts';
import { noticeText, saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { paths } from './paths.ts';
import { Notice, Nothing } from './schemas.ts';
import { time } from './time.ts';

const begin = ownPath(`${paths.twoStep}/begin`);
const confirm = ownPath(`${paths.twoStep}/confirm`);
const recoveryCodes = ownPath(`${paths.twoStep}/recovery-codes`);
const off = ownPath(`${paths.twoStep}/off`);

const overview: View = async (given, { values }) => {
  const { since, recoveryCodesLeft } = await totpState(given);
  return {
    title: 'Two-step sign-in',
    notice: noticeText(values['notice']),
    main: html`${
      since === undefined
        ? html`<p>With two-step sign-in a stolen password is not enough: a code from an app on your phone is asked for too.</p>
${form(given, { action: begin, submit: 'Turn it on' })}`
        : html`<p>It is on, since ${time(since.toISOString())}. You have ${recoveryCodesLeft} recovery codes left.</p>
${form(given, { action: recoveryCodes, submit: 'Get new recovery codes' })}
${form(given, { action: off, submit: 'Turn it off', look: 'danger' })}`
    }
<p><a href="${paths.account}">Back to your account</a></p>`,
  };
};

const confirmForm = (given: Given, state: FormState): Html => form(given, { action: confirm, submit: 'Confirm', fields: [field(codeField, state)] });

/** The picture, taken apart and put together again: no markup of a library goes into a page as it is. */
const picture = (svg: string): Html | undefined => {
  const [, box] = /\sviewBox="([\d ]+)"/.exec(svg) ?? [];
  const [, squares] = /\sd="([^"]+)"/.exec(svg) ?? [];
  if (box === undefined || squares === undefined) return undefined;
  return html`<svg class="qr" viewBox="${box}" role="img" aria-label="QR code with the key below"><rect class="paper" width="100%" height="100%"/><path d="${squares}"/></svg>`;
};

/** Shown once: the secret stands in this answer and nowhere else. */
const enrolment = (given: Given, { qr, secret }: TotpEnrolment): Page => ({
  title: 'Scan the code',
  main: html`<p>Scan this with an authenticator app, then type the six digits that it shows.</p>
${picture(qr)}
<p>No camera? Type this key into the app: <code class="secret">${secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
${confirmForm(given, { values: {} })}`,
});

const again: View = (given, state) => ({
  title: 'Confirm the code',
  main: html`<p>Type the six digits that your authenticator app shows now.</p>
${confirmForm(given, state)}
${form(given, { action: begin, submit: 'Begin again with another key', look: 'plain' })}`,
});

/** Shown once too. */
const codesPage = (codes: readonly string[]): Page => ({
  title: 'Keep your recovery codes',
  main: html`<p>Each of them signs you in once when your phone is gone. Print them or put them into a password manager: they are not shown again.</p>
<ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
<p><a href="${paths.twoStep}">I have kept them</a></p>`,
});

const changes = {
  access: 'user',
  stepUp: true, // protect: P1
  limits: ['write'],
} as const;

/** Turning two-step sign-in on and off. */
export const twoStepPages: readonly PageRoute[] = [
  page({ path: paths.twoStep, access: 'user', query: Notice, summary: 'Page: two-step sign-in', view: overview }),
  posted({ ...changes, path: begin, on: paths.twoStep, body: Nothing, summary: 'Form: begin to turn two-step sign-in on', view: overview }, async (given) =>
    show(given, enrolment(given, await startTotpEnrolment(given))),
  ),
  posted(
    { ...changes, path: confirm, on: paths.twoStep, body: closed({ ...csrfField, ...Code.properties }), summary: 'Form: turn two-step sign-in on', view: again },
    async (given) => show(given, codesPage(await confirmTotp(given, given.input.body.code))),
  ),
  posted({ ...changes, path: recoveryCodes, on: paths.twoStep, body: Nothing, summary: 'Form: get new recovery codes', view: overview }, async (given) =>
    show(given, codesPage(await renewRecoveryCodes(given))),
  ),
  posted({ ...changes, path: off, on: paths.twoStep, body: Nothing, summary: 'Form: turn two-step sign-in off', view: overview }, async (given) => {
    await removeTotp(given);
    return redirectTo(saying('two-step-off', paths.twoStep));
  }),
];
