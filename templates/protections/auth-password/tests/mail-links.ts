import type { Mail } from '#src/services/mailer/mail.ts';
import type { TestApp } from '#tests/support/app.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';

/** Every mail that went to an address, once all jobs that are due are done. */
export const mailsTo = async (app: TestApp, email: string): Promise<readonly Mail[]> => {
  await drainJobs(app);
  return mailsOf(app).filter(({ to }) => to === email);
};

/** The link in the last mail to an address. Throws when there is none. */
export const lastLink = async (app: TestApp, email: string): Promise<URL> => {
  const text = (await mailsTo(app, email)).at(-1)?.text ?? '';
  const link = /https?:\/\/\S+\?\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`no mail to ${email} holds a link`);
  return new URL(link);
};

/** What the link in the last mail to an address carries. */
export const lastCode = async (app: TestApp, email: string): Promise<string> => {
  const { searchParams } = await lastLink(app, email);
  return searchParams.get('code') ?? searchParams.get('token') ?? '';
};
