import type { Binding } from '#src/http/binding.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import { failuresMail, passwordChangedMail } from './mails.ts';
import { countPasswords } from './passwords.ts';

export const authPassword = (): Binding => ({
  id: 'auth-password',
  requires: ['sessions', 'csrf', 'jobs'],
  install: (_app, context) => {
    jobsOf(context).register(passwordChangedMail, failuresMail);
    factorsOf(context).credentials.push({ id: 'password', count: countPasswords });
  },
});
