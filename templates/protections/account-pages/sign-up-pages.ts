import { closed } from '#src/protections/validation/core.ts';
import { email, text } from '#src/protections/validation/formats.ts';
import { acceptInvitation } from '#src/protections/accounts/invite.ts';
import { register, resendVerification } from '#src/protections/accounts/register.ts';
import { code } from '#src/protections/accounts/schemas.ts';
import { verifyEmail } from '#src/protections/accounts/verify.ts';
import { password } from '#src/protections/auth-password/schemas.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { html } from '#src/protections/html/html.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { chosenPassword, emailField, passwordField } from './fields.ts';
import { field, form } from './form.ts';
import { saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { paths } from './paths.ts';

const signUp: View = (given, state) => ({
  title: 'Sign up',
  main:
    given.app.config.REGISTRATION === 'open'
      ? html`${form(given, {
          action: paths.signUp,
          submit: 'Sign up',
          fields: [field(emailField, state), field(chosenPassword(given.app.config, 'password', 'Password'), state)],
        })}
<p>You have an account? <a href="${paths.signIn}">Sign in</a>.</p>`
      : html`<p>Only who was invited can have an account here. The invitation comes by mail.</p>
<p>You have an account? <a href="${paths.signIn}">Sign in</a>.</p>`,
});

/** The same for every address, whether anybody has an account with it or not. */
const checkYourMail: View = () => ({
  title: 'Look into your mailbox',
  main: html`<p>If this address can be used, a mail is on its way to it. The link in it works for a short time, and once.</p>
<p>No mail? Look where your mail program puts what it takes for spam, or <a href="${paths.anotherMail}">ask for another one</a>.</p>`,
});

const verify: View = (given, state) => ({
  title: 'Confirm your address',
  main: html`<p>Type the password that you chose when you signed up. If it was not you who signed up, close this page.</p>
${form(given, { action: paths.verifyEmail, submit: 'Confirm', hidden: { code: state.values['code'] ?? '' }, fields: [field(passwordField, state)] })}
<p>The link is too old? <a href="${paths.anotherMail}">Ask for another one</a>.</p>`,
});

const anotherMail: View = (given, state) => ({
  title: 'Ask for another mail',
  main: html`<p>If somebody signed up with this address, another mail goes out.</p>
${form(given, { action: paths.anotherMail, submit: 'Send', fields: [field(emailField, state)] })}`,
});

const invitation: View = (given, state) => ({
  title: 'Choose a password',
  main: html`<p>You are invited. Choose a password, and your account is ready.</p>
${form(given, {
  action: paths.invitation,
  submit: 'Make my account',
  hidden: { code: state.values['code'] ?? '' },
  fields: [field(chosenPassword(given.app.config, 'password', 'Password'), state)],
})}`,
});

/** The pages on the way to an account. None of them signs in. */
export const signUpPages: readonly PageRoute[] = [
  page({ path: paths.signUp, access: 'public', summary: 'Page: sign up', view: signUp }),
  posted(
    { path: paths.signUp, access: 'public', limits: ['sign-up'], body: closed({ ...csrfField, email: email(), password: password() }), summary: 'Form: sign up', view: signUp },
    async (given) => {
      const { email: address, password: chosen } = given.input.body;
      await register(given, { email: address, password: chosen });
      return redirectTo(paths.checkYourMail);
    },
  ),
  page({ path: paths.checkYourMail, access: 'public', summary: 'Page: a mail is on its way', view: checkYourMail }),
  page({ path: paths.verifyEmail, access: 'public', query: closed({ code: text(100) }), summary: 'Page: confirm an address', view: verify }),
  posted(
    { path: paths.verifyEmail, access: 'public', limits: ['token'], body: closed({ ...csrfField, code: code(), password: password() }), summary: 'Form: confirm an address', view: verify },
    async (given) => {
      await verifyEmail(given, given.input.body);
      return redirectTo(saying('verified', paths.signIn));
    },
  ),
  page({ path: paths.anotherMail, access: 'public', summary: 'Page: another mail about a sign-up', view: anotherMail }),
  posted(
    { path: paths.anotherMail, access: 'public', limits: ['sign-up'], body: closed({ ...csrfField, email: email() }), summary: 'Form: another mail about a sign-up', view: anotherMail },
    async (given) => {
      await resendVerification(given, given.input.body);
      return redirectTo(paths.checkYourMail);
    },
  ),
  page({ path: paths.invitation, access: 'public', query: closed({ code: text(100) }), summary: 'Page: accept an invitation', view: invitation }),
  posted(
    { path: paths.invitation, access: 'public', limits: ['token'], body: closed({ ...csrfField, code: code(), password: password() }), summary: 'Form: accept an invitation', view: invitation },
    async (given) => {
      await acceptInvitation(given, given.input.body);
      return redirectTo(saying('welcome', paths.signIn));
    },
  ),
];
