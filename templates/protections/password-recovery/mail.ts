import type { AppContext } from '#src/context.ts';
import { newToken, digestOf } from '#src/protections/encryption/token.ts';
import { absoluteUrl } from '#src/protections/host-check/links.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email } from '#src/protections/validation/formats.ts';
import { findUserByEmail } from '#src/services/users/users.ts';

/** How long a link works (ASVS V6.5.5: ten minutes at most). */
export const resetMs = 10 * 60_000;

const hostOf = ({ config }: Pick<AppContext, 'config'>): string => new URL(config.BASE_URL).host;

/** Makes the link of a reset and mails it, if there is somebody to mail it to. The token exists here and in the mail only. */
export const resetMail = defineJob({
  type: 'password-recovery.reset',
  payload: closed({ email: email() }),
  run: async ({ payload, app, tx }) => {
    const user = await findUserByEmail(tx, payload.email);
    if (user === undefined || user.disabledAt !== null) return; // protect: Q410 (user === undefined || user.disabledAt !== null -> user === undefined)
    const token = newToken();
    const set = { token_digest: digestOf(token), expires_at: new Date(app.clock.now() + resetMs) };
    await tx
      .insertInto('password_resets')
      .values({ user_id: user.id, ...set })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(set))
      .execute();
    await app.services.mailer.send({
      to: user.email,
      subject: `Another password for ${hostOf(app)}`,
      text: [
        `Somebody, you we hope, asked for another password for your account at ${hostOf(app)}.`,
        '',
        'To choose it, open this link within ten minutes:',
        '',
        absoluteUrl(app.config, ownPath(`${app.config.PASSWORD_RESET_PAGE}?token=${token}`)),
        '',
        'If it was not you, do nothing: your password stays as it is.',
      ].join('\n'),
    });
  },
});
