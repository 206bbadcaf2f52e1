import { changePassword } from '#src/protections/auth-password/change.ts';
import { password } from '#src/protections/auth-password/schemas.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { type Html, html } from '#src/protections/html/html.ts';
import { listPasskeys } from '#src/protections/passkeys/own-passkeys.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { endOneSession, endOtherSessions, listSessions, requireSession, sessionUser } from '#src/protections/sessions/own-sessions.ts';
import { endDevice, listDevices } from '#src/protections/sessions/native/devices.ts';
import { totpState } from '#src/protections/totp/settings.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { chosenPassword, passwordField } from './fields.ts';
import { field, form } from './form.ts';
import { noticeText, saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { paths } from './paths.ts';
import { Notice, Nothing } from './schemas.ts';
import { time } from './time.ts';

const endOne = ownPath(`${paths.sessions}/end`);
const endOthers = ownPath(`${paths.sessions}/end-others`);
const signOutApp = ownPath(`${paths.sessions}/sign-out-app`);

const account: View = async (given, { values }) => {
  const { email } = await sessionUser(given);
  const { enabled } = await totpState(given);
  const passkeys = await listPasskeys(given);
  const places = [...(await listSessions(given)), ...(await listDevices(given))];
  return {
    title: 'Your account',
    notice: noticeText(values['notice']),
    main: html`<p>You are signed in as <strong>${email}</strong>.</p>
<nav aria-label="Your account">
<ul class="list">
<li><a href="${paths.password}">Change your password</a></li>
<li><a href="${paths.twoStep}">Two-step sign-in</a> <span class="state">${enabled ? 'on' : 'off'}</span></li>
<li><a href="${paths.passkeys}">Passkeys</a> <span class="state">${passkeys.length}</span></li>
<li><a href="${paths.sessions}">Where you are signed in</a> <span class="state">${places.length}</span></li>
</ul>
</nav>`,
  };
};

const changeForm: View = async (given, state) => {
  const { email } = await sessionUser(given);
  return {
    title: 'Change your password',
    main: html`${requireSession(given).state === 'password-change' && html`<p>Others know your password, or could. Choose another one to go on.</p>`}
${form(given, {
  action: paths.password,
  submit: 'Change the password',
  fields: [
    whosePassword(email),
    field({ ...passwordField, name: 'currentPassword', label: 'Current password' }, state),
    field(chosenPassword(given.app.config, 'newPassword', 'New password'), state),
  ],
})}`,
  };
};

/** Tells a password manager whose password it is; nobody sees it, and it is not sent. */
const whosePassword = (email: string): Html => html`<input type="email" autocomplete="username" value="${email}" aria-label="Email address" readonly hidden>`;

const sessions: View = async (given, { values }) => {
  const all = await listSessions(given);
  const items = all.map(
    ({ id, current, client, address, createdAt, lastSeenAt }) => html`<li>
<h2>${client}${current && ' (this browser)'}</h2>
<p>From ${address}, since ${time(createdAt)}, last used ${time(lastSeenAt)}.</p>
${!current && form(given, { action: endOne, submit: 'End', submitLabel: `End the session of ${client} from ${address}`, hidden: { id }, look: 'danger' })}
</li>`,
  );
  const apps = await listDevices(given);
  return {
    title: 'Where you are signed in',
    notice: noticeText(values['notice']),
    main: html`<ul class="list">${items}</ul>
${apps.length > 0 && html`<ul class="list" aria-label="Apps">${apps.map((app) => appItem(given, app))}</ul>`}
${all.length + apps.length > 1 && form(given, { action: endOthers, submit: 'End all other sessions', look: 'danger' })}
<p><a href="${paths.account}">Back to your account</a></p>`,
  };
};

const appItem = (given: Given, { id, client, name, createdAt, lastUsedAt }: Awaited<ReturnType<typeof listDevices>>[number]): Html => html`<li>
<h2>${name} (app)</h2>
<p>${client}, since ${time(createdAt)}, last used ${time(lastUsedAt)}.</p>
${form(given, { action: signOutApp, submit: 'Sign out', submitLabel: `Sign out the app on ${name}`, hidden: { id }, look: 'danger' })}
</li>`;

const limited = { access: 'user', admits: ['password-change'] } as const;

/** Who I am, my password, my sessions. */
export const ownAccountPages: readonly PageRoute[] = [
  page({ path: paths.account, access: 'user', query: Notice, summary: 'Page: the account', view: account }),
  page({ ...limited, path: paths.password, summary: 'Page: change the password', view: changeForm }),
  posted(
    { ...limited, path: paths.password, body: closed({ ...csrfField, currentPassword: password(), newPassword: password() }), summary: 'Form: change the password', view: changeForm },
    async (given) => {
      await changePassword(given, given.input.body);
      return redirectTo(saying('password-changed', paths.account));
    },
  ),
  page({ path: paths.sessions, access: 'user', query: Notice, summary: 'Page: own sessions', view: sessions }),
  posted({ path: endOne, on: paths.sessions, access: 'user', body: closed({ ...csrfField, id: uuid() }), summary: 'Form: end one of the own sessions', view: sessions }, async (given) => {
    await endOneSession(given, given.input.body.id);
    return redirectTo(saying('session-ended', paths.sessions));
  }),
  posted({ path: signOutApp, on: paths.sessions, access: 'user', body: closed({ ...csrfField, id: uuid() }), summary: 'Form: sign out one of the own apps', view: sessions }, async (given) => {
    await endDevice(given, given.input.body.id);
    return redirectTo(saying('session-ended', paths.sessions));
  }),
  posted({ path: endOthers, on: paths.sessions, access: 'user', body: Nothing, summary: 'Form: end all other own sessions', view: sessions }, async (given) => {
    await endOtherSessions(given);
    return redirectTo(saying('sessions-ended', paths.sessions));
  }),
];
