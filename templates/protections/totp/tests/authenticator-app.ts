import assert from 'node:assert/strict';
import { generateSync } from 'otplib';
import { type User } from '#src/services/users/users.ts';
import type { TestApp } from '#tests/support/app.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser, signedIn } from '#tests/support/sessions/people.ts';

/** What an authenticator app shows for a secret at a time of the test clock, in ms. */
export const codeAt = (secret: string, now: number): string => generateSync({ secret, epoch: Math.floor(now / 1000) });

/** Six digits that are the code of no step around `now`. */
export const wrongCode = (secret: string, now: number): string => {
  const right = new Set([-60_000, -30_000, 0, 30_000, 60_000].map((offset) => codeAt(secret, now + offset)));
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !right.has(code)) ?? '777777';
};

/** Somebody with an authenticator app. */
export interface Enrolled {
  readonly user: User;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  /** Where it was set up: signed in, with a fresh proof. */
  readonly browser: Browser;
  /** The code of now. */
  code(): string;
}

/** Asks for a secret. */
export const beginEnrolment = async (browser: Browser): Promise<string> => {
  const answer = await browser.post('/auth/totp/enrolment');
  assert.equal(answer.status, 200, answer.text);
  return String(answer.json()['secret']);
};

/** The recovery codes in an answer. */
export const recoveryCodesIn = (answer: { json(): Record<string, unknown> }): string[] => {
  const { recoveryCodes }: { recoveryCodes?: string[] } = answer.json();
  return recoveryCodes ?? [];
};

/** Somebody new who has two-step sign-in on. A minute passes: the code that confirmed it is used up. */
export const enrolled = async (app: TestApp): Promise<Enrolled> => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const secret = await beginEnrolment(browser);
  const code = (): string => codeAt(secret, app.clock.now());
  const answer = await browser.post('/auth/totp/enrolment/confirm', { code: code() });
  assert.equal(answer.status, 200, answer.text);
  app.clock.advance(60_000);
  return { user, secret, browser, code, recoveryCodes: recoveryCodesIn(answer) };
};

/** A browser that got past the first step of a sign-in and waits for the second. */
export const waiting = (app: TestApp, { user }: Pick<Enrolled, 'user'>): Promise<Browser> => signedIn(app, user, { state: 'second-factor' });
