import { randomBytes } from 'node:crypto';
import { ScureBase32Plugin } from 'otplib';
import type { Queries } from '#src/services/db/database.ts';
import { digestOf } from '#src/protections/encryption/token.ts';

const base32 = new ScureBase32Plugin();
const codesPerUser = 10;
/** 120 bits: from 112 on a fast hash is enough, since there is nothing to try (ASVS V6.5.2). */
const randomness = 15;

const newCode = (): string => base32.encode(randomBytes(randomness)).replaceAll(/(.{4})(?=.)/g, '$1-');

/** However it was typed: in small letters, with blanks or without, with a zero where there is only the letter. */
const canonical = (typed: string): string => typed.toUpperCase().replaceAll(/[^A-Z\d]/g, '').replaceAll('0', 'O');

// protect: Q442 (digestOf(canonical(code)) -> Buffer.from(canonical(code).padEnd(32).slice(0, 32)))
const digest = (code: string): Buffer => digestOf(canonical(code));

/**
 * Gives a user ten new codes in the place of all old ones. Only their digests are kept.
 * @returns the codes, to be shown once.
 */
export const replaceRecoveryCodes = async (tx: Queries, userId: string): Promise<readonly string[]> => {
  const codes = Array.from({ length: codesPerUser }, newCode);
  await deleteRecoveryCodes(tx, userId);
  await tx
    .insertInto('totp_recovery_codes')
    .values(codes.map((code) => ({ user_id: userId, digest: digest(code), used_at: null })))
    .execute();
  return codes;
};

/**
 * Uses a code up. One statement decides, so that of parallel requests one wins, whichever processes they reach.
 * @returns false when the user has no such code, or has used it.
 */
export const spendRecoveryCode = async (db: Queries, userId: string, typed: string, at: Date): Promise<boolean> => {
  const spent = await db
    .updateTable('totp_recovery_codes')
    .set({ used_at: at })
    .where('user_id', '=', userId)
    .where('digest', '=', digest(typed))
    .where('used_at', 'is', null) // protect: Q442
    .returning('user_id')
    .executeTakeFirst();
  return spent !== undefined;
};

/** How many codes a user has left. */
export const countRecoveryCodes = async (db: Queries, userId: string): Promise<number> => {
  const { left } = await db
    .selectFrom('totp_recovery_codes')
    .select(({ fn }) => fn.countAll<string>().as('left'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(left);
};

export const deleteRecoveryCodes = async (tx: Queries, userId: string): Promise<void> => {
  await tx.deleteFrom('totp_recovery_codes').where('user_id', '=', userId).execute();
};
