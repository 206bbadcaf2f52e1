import type { AppContext } from '#src/context.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { uuid } from '#src/protections/validation/formats.ts';
import type { Queries } from '#src/services/db/database.ts';
import { findUserByEmail } from '#src/services/users/users.ts';
import { newCode, verificationMs } from './codes.ts';

const hostOf = ({ config }: Pick<AppContext, 'config'>): string => new URL(config.BASE_URL).host;

/** Mails whoever signed up: the way to go on, or that they have an account already. */
export const registrationMail = defineJob({
  type: 'accounts.registration',
  payload: closed({ registration: uuid() }),
  run: async ({ payload, app, tx }) => {
    const { clock, services } = app;
    const row = await tx.selectFrom('registrations').select('email').where('id', '=', payload.registration).where('expires_at', '>', new Date(clock.now())).executeTakeFirst();
    if (row === undefined) return;
    // protect: A1
    if ((await findUserByEmail(tx, row.email)) !== undefined) {
      await tx.deleteFrom('registrations').where('id', '=', payload.registration).execute();
      await services.mailer.send(alreadyRegistered(app, row.email));
      return;
    }
    const { digest, link } = newCode(app, app.config.VERIFY_EMAIL_PAGE);
    await tx
      .updateTable('registrations')
      .set({ code_digest: digest, code_expires_at: new Date(clock.now() + verificationMs) })
      .where('id', '=', payload.registration)
      .execute();
    await services.mailer.send({
      to: row.email,
      subject: `Confirm your address for ${hostOf(app)}`,
      text: [
        `Somebody, you we hope, signed up at ${hostOf(app)} with this address.`,
        '',
        'To confirm it, open this link within an hour and type the password that you chose:',
        '',
        link,
        '',
        'If it was not you, do nothing: without your confirmation there is no account.',
      ].join('\n'),
    });
  },
});

const alreadyRegistered = (app: AppContext, to: string) => ({
  to,
  subject: `You have an account at ${hostOf(app)}`,
  text: [
    `Somebody, you we hope, tried to sign up at ${hostOf(app)} with this address. It has an account already.`,
    '',
    `Sign in at ${app.config.BASE_URL} as always. If you do not know the password any more, ask there for another one.`,
    '',
    'If it was not you, do nothing: nothing has changed.',
  ].join('\n'),
});

/** Mails whoever is invited. */
export const invitationMail = defineJob({
  type: 'accounts.invitation',
  payload: closed({ invitation: uuid() }),
  run: async ({ payload, app, tx }) => {
    const { clock, services, config } = app;
    const row = await invitationOf(tx, payload.invitation, clock.now());
    if (row === undefined) return;
    // protect: A3
    if ((await findUserByEmail(tx, row.email)) !== undefined) {
      await tx.deleteFrom('invitations').where('id', '=', payload.invitation).execute();
      await services.mailer.send(alreadyRegistered(app, row.email));
      return;
    }
    const { digest, link } = newCode(app, config.INVITATION_PAGE);
    await tx.updateTable('invitations').set({ code_digest: digest }).where('id', '=', payload.invitation).execute();
    await services.mailer.send({
      to: row.email,
      subject: `You are invited to ${hostOf(app)}`,
      text: [`You are invited to ${hostOf(app)}.`, '', 'To have an account there, open this link within three days and choose a password:', '', link].join('\n'),
    });
  },
});

const invitationOf = (tx: Queries, id: string, now: number) =>
  tx.selectFrom('invitations').select('email').where('id', '=', id).where('expires_at', '>', new Date(now)).executeTakeFirst();

/** Both, to be registered. */
export const mailJobs = [registrationMail, invitationMail] as const;
