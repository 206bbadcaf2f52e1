import { passwordStepUp } from '#src/protections/auth-password/change.ts';
import { countPasswords } from '#src/protections/auth-password/passwords.ts';
import { password } from '#src/protections/auth-password/schemas.ts';
import { csrfField } from '#src/protections/csrf/field.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { html } from '#src/protections/html/html.ts';
import { listPasskeys } from '#src/protections/passkeys/own-passkeys.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { safeRedirect } from '#src/protections/redirects/safe-redirect.ts';
import { requireSession } from '#src/protections/sessions/own-sessions.ts';
import { stepUpWithTotp } from '#src/protections/totp/proof.ts';
import { Code } from '#src/protections/totp/schemas.ts';
import { totpState } from '#src/protections/totp/settings.ts';
import { closed } from '#src/protections/validation/core.ts';
import { codeField, passwordField } from './fields.ts';
import { field, form } from './form.ts';
import { type PageRoute, type View, page, posted } from './pages.ts';
import { passkeyButton } from './passkey-button.ts';
import { paths } from './paths.ts';
import { Next, nextField } from './schemas.ts';

const byPassword = ownPath(`${paths.stepUp}/password`);
const byCode = ownPath(`${paths.stepUp}/code`);

/** Offers every factor that the person has; one is enough. */
const stepUp: View = async (given, state) => {
  const { next } = state.values;
  const { userId } = requireSession(given);
  const { enabled } = await totpState(given);
  const passkeys = await listPasskeys(given);
  const passwords = await countPasswords(given.app.services.db.query, userId);
  return {
    title: 'Is it you?',
    script: true,
    main: html`<p>What comes next changes how you sign in. Prove once more who you are.</p>
${passwords > 0 && form(given, { action: byPassword, submit: 'Go on', hidden: { next }, fields: [field(passwordField, state)] })}
${enabled && form(given, { action: byCode, submit: 'Go on with the code', hidden: { next }, fields: [field(codeField, state)] })}
${passkeys.length > 0 && passkeyButton(given, { ceremony: 'step-up', label: 'Use a passkey', next: safeRedirect(next, paths.account) })}`,
  };
};

/** A fresh proof of who is there (ASVS V7.5.1). */
export const stepUpPages: readonly PageRoute[] = [
  page({ path: paths.stepUp, access: 'user', query: Next, summary: 'Page: prove again who you are', view: stepUp }),
  posted(
    { path: byPassword, on: paths.stepUp, access: 'user', body: closed({ ...csrfField, ...nextField, password: password() }), summary: 'Form: prove it by the password', view: stepUp },
    async (given) => {
      const { next, password: typed } = given.input.body;
      await passwordStepUp(given, { password: typed });
      return redirectTo(safeRedirect(next, paths.account)); // protect: P1 (safeRedirect(next, paths.account) -> next ?? paths.account)
    },
  ),
  posted(
    { path: byCode, on: paths.stepUp, access: 'user', body: closed({ ...csrfField, ...nextField, ...Code.properties }), summary: 'Form: prove it by a code', view: stepUp },
    async (given) => {
      await stepUpWithTotp(given, given.input.body.code);
      return redirectTo(safeRedirect(given.input.body.next, paths.account));
    },
  ),
];
