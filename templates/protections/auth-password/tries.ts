import { perApp } from '#src/protections/app-core/per-app.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { networkOf } from '#src/protections/rate-limit/client.ts';
import { type AttemptRule, forgetAttempts, giveBackAttempt, takeAttempt } from '#src/protections/sessions/attempts.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { canonicalEmail } from '#src/services/users/email.ts';
import { knownDevice } from './known-device.ts';

const hour = 3600;

/** One address on one account. */
const pairRule: AttemptRule = { free: 5, firstDelaySeconds: 30, longestDelaySeconds: 900, forgetAfterSeconds: hour };
/** One account, from everywhere. */
const accountRule: AttemptRule = { free: 10, firstDelaySeconds: 30, longestDelaySeconds: 900, forgetAfterSeconds: hour };
/** One client address (IPv6: one /64) on all accounts: an office shares it, so it waits less long. */
const networkRule: AttemptRule = { free: 30, firstDelaySeconds: 10, longestDelaySeconds: 60, forgetAfterSeconds: hour };
/** A browser that is known, or somebody who gave another proof. */
const trustedRule: AttemptRule = { free: 5, firstDelaySeconds: 60, longestDelaySeconds: 900, forgetAfterSeconds: hour };
/** Who is signed in and has to say the password once more. */
const confirmationRule: AttemptRule = { free: 5, firstDelaySeconds: 30, longestDelaySeconds: 900, forgetAfterSeconds: hour };

/** Something besides the password that shows a person at work: a solved puzzle, a link from a mail. */
export interface ExtraProof {
  /** Clients read it in the refusal and know what to offer, for example `captcha`. */
  readonly id: string;
  /** True when the request carries the proof for this address. It must not work twice. */
  isShown(given: Given, address: string): Promise<boolean>;
}

/** What is taken for a proof while an account is under attack. `extraProofsOf(app).push(captcha)` when a binding is installed. */
export const extraProofsOf = perApp((): ExtraProof[] => []);

/** Tries that were counted, and what becomes of the counts when the password was right. */
export interface Tries {
  /** Those of one person, all of which were mistakes. */
  readonly forgotten: readonly string[];
  /** Those that strangers share: only this try was none. One success must not reset what others tried. */
  readonly givenBack: readonly string[];
}

const accountSubject = (address: string): string => `password:account:${address}`;

/**
 * Counts a try to sign in, before anything is looked up or hashed: for the account, for the network, for both together. The name
 * counts as it was typed, so that an account that does not exist is throttled like one that does.
 * There is no lock: whoever waits is let through, and the owner of a known browser does not wait at all (CWE-645).
 * @throws Problem 429 `sign_in_throttled`, with the extra proofs that would help.
 */
export const takeTry = async (given: Given, email: string): Promise<Tries> => {
  const address = canonicalEmail(email);
  const device = knownDevice(given, address);
  if (device !== undefined) return takeOwn(given, `password:device:${device}`, trustedRule); // protect: Q435
  const network = networkOf(given.context.clientIp);
  try {
    const shared = { network: `password:network:${network}`, account: accountSubject(address) };
    const pair = `password:pair:${network}:${address}`;
    await take(given, shared.network, networkRule); // protect: Q435
    await take(given, pair, pairRule); // protect: Q435
    await take(given, shared.account, accountRule); // protect: Q435
    return { forgotten: [pair], givenBack: Object.values(shared) };
  } catch (error) {
    if (!isThrottle(error)) throw error;
    return takeWithProof(given, address, error);
  }
};

const isThrottle = (error: unknown): error is Problem => error instanceof Problem && error.status === 429;

const take = ({ app }: Given, subject: string, rule: AttemptRule): Promise<void> => takeAttempt(app, app.services.db.query, subject, rule);

const takeOwn = async (given: Given, subject: string, rule: AttemptRule): Promise<Tries> => {
  await take(given, subject, rule);
  return { forgotten: [subject], givenBack: [] };
};

const takeWithProof = async (given: Given, address: string, { headers }: Problem): Promise<Tries> => {
  const proofs = extraProofsOf(given.app);
  for (const proof of proofs) {
    if (await proof.isShown(given, address)) return takeOwn(given, `password:proof:${proof.id}:${address}`, trustedRule);
  }
  throw new Problem(429, { headers, extensions: { code: 'sign_in_throttled', proofs: proofs.map(({ id }) => id) } });
};

/** The password was right: it was no guess. */
export const giveBack = async ({ app }: Given, { forgotten, givenBack }: Tries): Promise<void> => {
  for (const subject of forgotten) await forgetAttempts(app.services.db.query, subject);
  for (const subject of givenBack) await giveBackAttempt(app.services.db.query, subject); // protect: Q435 (giveBackAttempt -> forgetAttempts)
};

/** Lets the owner of an account try anew at once, once a mail has proven who they are. */
export const forgiveAccount = ({ app }: Pick<Given, 'app'>, email: string): Promise<void> =>
  forgetAttempts(app.services.db.query, accountSubject(canonicalEmail(email)));

/**
 * Counts a try of somebody who is signed in to say their password once more: whoever found an open browser guesses no faster.
 * @throws Problem 429
 */
export const takeConfirmation = (given: Given, userId: string): Promise<Tries> => takeOwn(given, `password:confirmation:${userId}`, confirmationRule);
