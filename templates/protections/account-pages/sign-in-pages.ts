import { password } from '#src/protections/auth-password/schemas.ts';
import { passwordSignIn, passwordWay } from '#src/protections/auth-password/sign-in.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { html } from '#src/protections/html/html.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { safeRedirect } from '#src/protections/redirects/safe-redirect.ts';
import { sessionOf } from '#src/protections/sessions/current.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { type SignInOutcome, clearSiteData, endSession } from '#src/protections/sessions/sign-in.ts';
import { useRecoveryCode, verifyTotp } from '#src/protections/totp/proof.ts';
import { Code, RecoveryCode } from '#src/protections/totp/schemas.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email } from '#src/protections/validation/formats.ts';
import { codeField, emailField, passwordField, recoveryCodeField } from './fields.ts';
import { type FormState, field, form } from './form.ts';
import { noticeText, saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { passkeyButton } from './passkey-button.ts';
import { paths, withQuery } from './paths.ts';
import { Next, NextAndNotice, Nothing, nextField } from './schemas.ts';

const signIn: View = (given, state) => {
  const { next, notice } = state.values;
  return {
    title: 'Sign in',
    notice: noticeText(notice),
    script: true,
    main: html`${form(given, { action: paths.signIn, submit: 'Sign in', hidden: { next }, fields: [field(emailField, state), field(passwordField, state)] })}
${passkeyButton(given, { ceremony: 'sign-in', label: 'Sign in with a passkey', next: safeRedirect(next, paths.account) })}
<p><a href="${paths.forgotPassword}">I do not know my password</a></p>
${given.app.config.REGISTRATION === 'open' && html`<p>No account yet? <a href="${paths.signUp}">Sign up</a>.</p>`}`,
  };
};

const code: View = (given, state) => ({
  title: 'Type your code',
  main: html`<p>Your password was right. Now type the six digits that your authenticator app shows.</p>
${form(given, { action: paths.code, submit: 'Sign in', hidden: { next: state.values['next'] }, fields: [field(codeField, state)] })}
<p>No phone at hand? <a href="${withQuery(paths.recoveryCode, { next: state.values['next'] })}">Use a recovery code</a>.</p>`,
});

const recoveryCode: View = (given, state) => ({
  title: 'Use a recovery code',
  main: html`<p>Type one of the codes that you kept when you turned two-step sign-in on. Each works once.</p>
${form(given, { action: paths.recoveryCode, submit: 'Sign in', hidden: { next: state.values['next'] }, fields: [field(recoveryCodeField, state)] })}
<p><a href="${withQuery(paths.code, { next: state.values['next'] })}">Type a code from the app instead</a></p>`,
});

/** Where a sign-in goes on. */
const afterSignIn = (outcome: SignInOutcome, next: string | undefined): OwnPath => {
  if (outcome === 'second-factor') return withQuery(paths.code, { next });
  if (outcome === 'password-change') return paths.password;
  return safeRedirect(next, paths.account); // protect: P1 (safeRedirect(next, paths.account) -> next ?? paths.account)
};

/** Who is signed in already has nothing to do on these pages. */
const whenSignedIn = ({ context }: Given, { next }: FormState['values']): OwnPath | undefined =>
  sessionOf(context)?.state === 'full' ? safeRedirect(next, paths.account) : undefined; // protect: P1 (safeRedirect(next, paths.account) -> next ?? paths.account)

const halfOpen = { access: 'user', admits: ['second-factor'] } as const;

/** Signing in and out. */
export const signInPages: readonly PageRoute[] = [
  page({ path: paths.signIn, access: 'public', query: NextAndNotice, summary: 'Page: sign in', view: signIn, unless: whenSignedIn }),
  posted(
    {
      path: paths.signIn,
      access: 'public',
      signsIn: passwordWay,
      body: closed({ ...csrfField, ...nextField, email: email(), password: password() }),
      summary: 'Form: sign in',
      view: signIn,
    },
    async (given) => {
      const { next, email: address, password: typed } = given.input.body;
      return redirectTo(afterSignIn(await passwordSignIn(given, { email: address, password: typed }), next));
    },
  ),
  page({ ...halfOpen, path: paths.code, query: Next, summary: 'Page: the second factor', view: code, unless: whenSignedIn }),
  posted({ ...halfOpen, path: paths.code, body: closed({ ...csrfField, ...nextField, ...Code.properties }), summary: 'Form: the second factor', view: code }, async (given) => {
    await verifyTotp(given, given.input.body.code);
    return redirectTo(safeRedirect(given.input.body.next, paths.account));
  }),
  page({ ...halfOpen, path: paths.recoveryCode, query: Next, summary: 'Page: a recovery code', view: recoveryCode, unless: whenSignedIn }),
  posted(
    { ...halfOpen, path: paths.recoveryCode, body: closed({ ...csrfField, ...nextField, ...RecoveryCode.properties }), summary: 'Form: a recovery code', view: recoveryCode },
    async (given) => {
      await useRecoveryCode(given, given.input.body.code);
      return redirectTo(safeRedirect(given.input.body.next, paths.account));
    },
  ),
  posted(
    { path: paths.signOut, access: 'user', admits: ['second-factor', 'password-change'], body: Nothing, summary: 'Form: sign out', view: signIn },
    async (given) => {
      await endSession(given);
      return redirectTo(saying('signed-out', paths.signIn), clearSiteData);
    },
  ),
];
