import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Mail } from '#src/services/mailer/mail.ts';
import type { TestApp } from '#tests/support/app.ts';
import { goodPassword, makePerson, type PasswordPerson } from '#tests/support/auth-password/people.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { Visitor } from './visitor.ts';

/** An address that nobody else has. */
export const newAddress = (): string => `${randomUUID()}@people.test`;

/** The last mail to an address, once everything that is due was done. */
export const lastMailTo = async (app: TestApp, address: string): Promise<Mail> => {
  await drainJobs(app);
  const mail = mailsOf(app).findLast(({ to }) => to === address);
  assert.ok(mail !== undefined, `no mail to ${address}`);
  return mail;
};

/** The address of this app in a mail, without its host. */
export const linkIn = ({ text }: Mail, { context }: TestApp): string => {
  const link = text.split(/\s/).find((word) => word.startsWith(`${context.config.BASE_URL}/`));
  assert.ok(link !== undefined, text);
  return link.slice(context.config.BASE_URL.length);
};

export interface SignedInPerson extends PasswordPerson {
  readonly visitor: Visitor;
}

/** Signs a person in by the page. */
export const signInAs = async (app: TestApp, person: Pick<PasswordPerson, 'email' | 'password'>, visitor = Visitor.of(app)): Promise<Visitor> => {
  await visitor.open('/sign-in');
  await visitor.submit('/sign-in', { email: person.email, password: person.password });
  return visitor;
};

/** Somebody new, who is at their account. */
export const somebody = async (app: TestApp): Promise<SignedInPerson> => {
  const person = await makePerson(app);
  const visitor = await signInAs(app, person);
  assert.equal(visitor.path, '/account', visitor.page);
  return { ...person, visitor };
};

export { goodPassword, makePerson };
