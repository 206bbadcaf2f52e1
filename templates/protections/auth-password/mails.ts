import Type from 'typebox';
import type { AppContext } from '#src/context.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import { findUser } from '#src/services/users/users.ts';

const hostOf = ({ config }: Pick<AppContext, 'config'>): string => new URL(config.BASE_URL).host;

/** Tells the owner of an account that its password was set anew (ASVS V6.3.7). */
export const passwordChangedMail = defineJob({
  type: 'auth-password.changed',
  payload: closed({ userId: uuid() }),
  run: async ({ payload, app, tx }) => {
    const user = await findUser(tx, payload.userId);
    if (user === undefined) return;
    await app.services.mailer.send({
      to: user.email,
      subject: `Your password at ${hostOf(app)} was changed`,
      text: [
        `The password of your account at ${hostOf(app)} was just changed, and all other devices were signed out.`,
        '',
        `If it was not you, set another one at once: ask for it at ${app.config.BASE_URL} as if you had forgotten it.`,
      ].join('\n'),
    });
  },
});

/** Tells the owner of an account that somebody signed in after many wrong passwords (ASVS V6.3.5). */
export const failuresMail = defineJob({
  type: 'auth-password.failures',
  payload: closed({ userId: uuid(), failures: Type.Integer({ minimum: 1 }) }),
  run: async ({ payload, app, tx }) => {
    const user = await findUser(tx, payload.userId);
    if (user === undefined) return;
    await app.services.mailer.send({
      to: user.email,
      subject: `A sign-in at ${hostOf(app)} after ${payload.failures} wrong passwords`,
      text: [
        `Somebody signed in to your account at ${hostOf(app)} with the right password, after ${payload.failures} wrong ones.`,
        '',
        'If all of it was you, there is nothing to do. If not, change your password now, and end the sessions that are not yours.',
      ].join('\n'),
    });
  },
});
