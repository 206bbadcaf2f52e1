import assert from 'node:assert/strict';
import type { User } from '#src/services/users/users.ts';
import type { TestApp } from '#tests/support/app.ts';
import type { Received } from '#tests/support/http.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser, signedIn } from '#tests/support/sessions/people.ts';
import { Authenticator, type Options, type Tricks } from './authenticator.ts';

/** A new authenticator, in a browser that shows pages of the app. */
export const authenticatorOf = (app: TestApp): Authenticator => new Authenticator(new URL(app.context.config.BASE_URL).origin);

/** What a page hands on from the answer with the options of a ceremony. */
export const optionsIn = (answer: Received): Options => {
  assert.equal(answer.status, 200, answer.text);
  const { challenge, user }: { challenge?: string; user?: { id: string } } = answer.json();
  return { challenge: challenge ?? '', ...(user === undefined ? {} : { userHandle: user.id }) };
};

/** Adds a passkey for whoever is signed in. */
export const register = async (browser: Browser, authenticator: Authenticator, tricks: Tricks = {}): Promise<Received> => {
  const options = optionsIn(await browser.post('/auth/passkeys/registration/options'));
  return browser.post('/auth/passkeys/registration', { credential: authenticator.create(options, tricks), name: 'Phone' });
};

/** Signs in. */
export const signInWith = async (browser: Browser, authenticator: Authenticator, tricks: Tricks = {}): Promise<Received> => {
  const options = optionsIn(await browser.post('/auth/passkeys/sign-in/options'));
  return browser.post('/auth/passkeys/sign-in', { credential: authenticator.get(options, tricks) });
};

/** Proves again who is signed in. */
export const stepUpWith = async (browser: Browser, authenticator: Authenticator, tricks: Tricks = {}): Promise<Received> => {
  const options = optionsIn(await browser.post('/auth/passkeys/step-up/options'));
  return browser.post('/auth/passkeys/step-up', { credential: authenticator.get(options, tricks) });
};

/** Somebody with a passkey. */
export interface Owner {
  readonly user: User;
  readonly authenticator: Authenticator;
  /** Where it was added: signed in, with a fresh proof. */
  readonly browser: Browser;
  /** What the app calls the passkey. */
  readonly id: string;
}

/** Somebody new who has a passkey. */
export const owner = async (app: TestApp, tricks: Tricks = {}): Promise<Owner> => {
  const user = await makeUser(app);
  const browser = await signedIn(app, user);
  const authenticator = authenticatorOf(app);
  const answer = await register(browser, authenticator, tricks);
  assert.equal(answer.status, 201, answer.text);
  return { user, authenticator, browser, id: String(answer.json()['id']) };
};
