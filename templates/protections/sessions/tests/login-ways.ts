import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestApp } from '#tests/support/app.ts';
import type { Received } from '#tests/support/http.ts';
import type { Browser } from './browser.ts';

/** Somebody who can sign in, with what the way needs to know of them: a password, a key. */
export interface Person {
  readonly userId: string;
}

/**
 * A way to sign in, as the login-path matrix tries it (ASVS V6.3.4). A protection with a route that has `signsIn` declares it in its
 * `tests/login-ways.ts`; without it the matrix names the gap.
 */
export interface LoginWay<P extends Person = Person> {
  /** What the route says in `signsIn`. */
  readonly way: string;
  /** The route that opens the session: `POST /auth/login`. */
  readonly route: string;
  /** `many` where the way itself proves two factors. */
  readonly factors: 'one' | 'many';
  /** After so many wrong tries for one account, at the latest, the answer is 429. */
  readonly tries: number;
  /** Makes somebody who can sign in this way. */
  readonly person: (app: TestApp) => Promise<P>;
  /** What tries for that person are counted under, see `takeAttempt`. */
  readonly subjects: (person: P) => readonly string[];
  /** Signs in with the right proof; the last answer, that of `route`. */
  readonly right: (browser: Browser, person: P) => Promise<Received>;
  /** Tries a wrong proof for that person. */
  readonly wrong: (browser: Browser, person: P) => Promise<Received>;
  /** Tries for somebody who does not exist. */
  readonly unknown: (browser: Browser) => Promise<Received>;
}

/** A way whose person is known to itself only. */
export interface DeclaredWay extends Omit<LoginWay, 'person' | 'right' | 'wrong' | 'subjects'> {
  readonly person: (app: TestApp) => Promise<Candidate>;
}

/** Somebody who can sign in, with the ways to try it. */
export interface Candidate extends Person {
  readonly subjects: readonly string[];
  readonly right: (browser: Browser) => Promise<Received>;
  readonly wrong: (browser: Browser) => Promise<Received>;
}

const declared: DeclaredWay[] = [];

/** A way as the matrix uses it. */
export const toDeclared = <P extends Person>({ person, right, wrong, subjects, ...way }: LoginWay<P>): DeclaredWay => ({
  ...way,
  person: async (app) => {
    const made = await person(app);
    return { userId: made.userId, subjects: subjects(made), right: (browser) => right(browser, made), wrong: (browser) => wrong(browser, made) };
  },
});

/** Adds a way to the matrix. */
export const loginWay = <P extends Person>(way: LoginWay<P>): void => void declared.push(toDeclared(way));

/** Every way that this project declares, in `tests/support/<name>/login-ways.ts`. */
export const loginWays = async (): Promise<readonly DeclaredWay[]> => {
  const support = join(import.meta.dirname, '..');
  for (const file of await readdir(support, { recursive: true })) {
    if (/[/\\]login-ways\.ts$/.test(file)) await import(pathToFileURL(join(support, file)).href);
  }
  return declared;
};
