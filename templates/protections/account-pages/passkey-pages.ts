import { csrfField } from '#src/protections/csrf/field.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { html } from '#src/protections/html/html.ts';
import { listPasskeys, removePasskey } from '#src/protections/passkeys/own-passkeys.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { form } from './form.ts';
import { noticeText, saying } from './notices.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { passkeyButton } from './passkey-button.ts';
import { paths } from './paths.ts';
import { Notice } from './schemas.ts';
import { time } from './time.ts';

const remove = ownPath(`${paths.passkeys}/remove`);

const name = html`<div class="field">
<label for="name">A name for it</label>
<p class="hint" id="name-hint">For example the device it is on.</p>
<input id="name" type="text" autocomplete="off" maxlength="64" aria-describedby="name-hint">
</div>`;

const passkeys: View = async (given, { values }) => {
  const all = await listPasskeys(given);
  const items = all.map(
    (passkey) => html`<li>
<h2>${passkey.name}</h2>
<p>Added ${time(passkey.createdAt)}${passkey.lastUsedAt !== undefined && html`, last used ${time(passkey.lastUsedAt)}`}${passkey.synced && ', also on your other devices'}.</p>
${form(given, { action: remove, submit: 'Remove', submitLabel: `Remove the passkey ${passkey.name}`, hidden: { id: passkey.id }, look: 'danger' })}
</li>`,
  );
  return {
    title: 'Passkeys',
    notice: noticeText(values['notice']),
    script: true,
    main: html`<p>With a passkey your device signs you in: by your fingerprint, your face or its PIN. There is nothing to type, and nothing to steal.</p>
${all.length === 0 ? html`<p>You have none yet.</p>` : html`<ul class="list">${items}</ul>`}
${passkeyButton(given, { ceremony: 'registration', label: 'Add a passkey', next: paths.passkeys, before: name })}
<noscript><p>To add a passkey the browser needs script.</p></noscript>
<p><a href="${paths.account}">Back to your account</a></p>`,
  };
};

/** Own passkeys. Adding one takes script: the browser is asked for it by no form. */
export const passkeyPages: readonly PageRoute[] = [
  page({ path: paths.passkeys, access: 'user', query: Notice, summary: 'Page: own passkeys', view: passkeys }),
  posted(
    {
      path: remove,
      on: paths.passkeys,
      access: 'user',
      stepUp: true, // protect: P1
      limits: ['write'],
      body: closed({ ...csrfField, id: uuid() }),
      summary: 'Form: remove a passkey',
      view: passkeys,
    },
    async (given) => {
      await removePasskey(given, given.input.body.id);
      return redirectTo(saying('passkey-removed', paths.passkeys));
    },
  ),
];
