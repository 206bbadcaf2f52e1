import { password } from '#src/protections/auth-password/schemas.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { html } from '#src/protections/html/html.ts';
import { requestReset } from '#src/protections/password-recovery/request.ts';
import { resetPassword } from '#src/protections/password-recovery/reset.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email, text } from '#src/protections/validation/formats.ts';
import { chosenPassword, emailField } from './fields.ts';
import { field, form } from './form.ts';
import { saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { paths } from './paths.ts';

const forgot: View = (given, state) => ({
  title: 'Forgotten password',
  main: html`<p>Type the address of your account. A mail with a link comes to it, if there is an account.</p>
${form(given, { action: paths.forgotPassword, submit: 'Send the mail', fields: [field(emailField, state)] })}
<p><a href="${paths.signIn}">Back to sign-in</a></p>`,
});

const reset: View = (given, state) => ({
  title: 'Choose another password',
  main: html`<p>With the new password all your devices are signed out.</p>
${form(given, {
  action: paths.resetPassword,
  submit: 'Set the password',
  hidden: { token: state.values['token'] ?? '' },
  fields: [field(chosenPassword(given.app.config, 'password', 'New password'), state)],
})}
<p>The link is too old? <a href="${paths.forgotPassword}">Ask for another one</a>.</p>`,
});

/** A forgotten password. None of these pages signs in. */
export const recoveryPages: readonly PageRoute[] = [
  page({ path: paths.forgotPassword, access: 'public', summary: 'Page: forgotten password', view: forgot }),
  posted(
    { path: paths.forgotPassword, access: 'public', limits: ['password-reset'], body: closed({ ...csrfField, email: email() }), summary: 'Form: forgotten password', view: forgot },
    async (given) => {
      await requestReset(given, given.input.body);
      return redirectTo(paths.checkYourMail);
    },
  ),
  page({ path: paths.resetPassword, access: 'public', query: closed({ token: text(100) }), summary: 'Page: set another password', view: reset }),
  posted(
    {
      path: paths.resetPassword,
      access: 'public',
      limits: ['token'],
      body: closed({ ...csrfField, token: text(100, 1), password: password() }),
      summary: 'Form: set another password',
      view: reset,
    },
    async (given) => {
      await resetPassword(given, given.input.body);
      return redirectTo(saying('password-set', paths.signIn));
    },
  ),
];
