import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import type { Queries } from '#src/services/db/database.ts';

/** Something that a user proves besides the first factor. */
export interface SecondFactor {
  readonly id: string;
  /** True when the user has set it up: from then on it is asked for. */
  isEnrolled(db: Queries, userId: string): Promise<boolean>;
}

/** Something that a user can sign in with, without anything before it: a password, a passkey. */
export interface Credential {
  readonly id: string;
  /** How many of them a user has. */
  count(db: Queries, userId: string): Promise<number>;
}

/** What can prove who a user is. */
export interface Factors {
  readonly secondFactors: SecondFactor[];
  readonly credentials: Credential[];
}

/** The factors that this app knows; protections add theirs when they are installed. */
export const factorsOf = perApp((): Factors => ({ secondFactors: [], credentials: [] }));

/** True when a user has set up one of them. */
export const hasSecondFactor = async (factors: readonly SecondFactor[], db: Queries, userId: string): Promise<boolean> => {
  for (const factor of factors) if (await factor.isEnrolled(db, userId)) return true;
  return false;
};

/** With how many things a user can sign in: whoever has one left must keep it. Ask in the transaction that took one away. */
export const countWaysToSignIn = async (tx: Queries, app: AppContext, userId: string): Promise<number> => {
  let ways = 0;
  for (const credential of factorsOf(app).credentials) ways += await credential.count(tx, userId);
  return ways;
};
