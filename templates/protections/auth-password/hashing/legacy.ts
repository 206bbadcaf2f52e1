import { pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { hash as bcrypt } from 'bcryptjs';
import { fromBase64, readPhc, toBase64, wholeNumber } from './phc.ts';

/**
 * A scheme that other apps wrote, so that their users can be taken over. It is only ever verified: whoever signs in has an
 * Argon2id hash from then on.
 */
export interface LegacyScheme {
  readonly id: string;
  /**
   * Reads a stored hash, or its setting alone: scheme, parameters and salt, without what came out.
   * @returns undefined when it is of another scheme, or asks for what is absurd.
   */
  read(stored: string): LegacyHash | undefined;
}

export interface LegacyHash {
  /** Everything but what came out. */
  readonly setting: string;
  /** The whole text, in the form that `recompute` gives; undefined when only the setting was read. */
  readonly whole: string | undefined;
  /** The whole text that the password would have given. */
  recompute(password: string): Promise<string>;
}

const computed = (setting: string, tag: Buffer, derive: (password: string) => Promise<Buffer>): LegacyHash => ({
  setting,
  whole: tag.length === 0 ? undefined : `${setting}$${toBase64(tag)}`,
  recompute: async (password) => `${setting}$${toBase64(await derive(password))}`,
});

const bcryptPattern = /^(\$2[aby]\$(\d\d)\$[./A-Za-z\d]{22})(?:[./A-Za-z\d]{31})?$/;

/** `$2b$10$...`. It takes the first 72 bytes of a password, here as where the hash comes from; the new hash takes all of them. */
export const bcryptScheme: LegacyScheme = {
  id: 'bcrypt',
  read: (stored) => {
    const [, setting = '', cost = ''] = bcryptPattern.exec(stored) ?? [];
    // 2^14 rounds take a second; each step more doubles it (CWE-400).
    if (setting === '' || Number(cost) > 14) return undefined; // protect: Q424 (Number(cost) > 14 -> Number(cost) > 15)
    return { setting, whole: stored === setting ? undefined : stored, recompute: (password) => bcrypt(password, setting) };
  },
};

const deriveScrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
const scryptMemory = 268_435_456;

/** `$scrypt$ln=16,r=8,p=1$salt$tag`, with a tag of 32 bytes. */
export const scryptScheme: LegacyScheme = {
  id: 'scrypt',
  read: (stored) => {
    const phc = readPhc(stored);
    if (phc?.id !== 'scrypt') return undefined;
    const log = wholeNumber(phc, 'ln', 1, 20);
    const r = wholeNumber(phc, 'r', 1, 32);
    const p = wholeNumber(phc, 'p', 1, 16);
    if (log === undefined || r === undefined || p === undefined || 256 * 2 ** log * r > scryptMemory) return undefined;
    const cost = { N: 2 ** log, r, p, maxmem: scryptMemory };
    return computed(`$scrypt$ln=${log},r=${r},p=${p}$${toBase64(phc.salt)}`, phc.tag, (password) => deriveScrypt(password, phc.salt, 32, cost));
  },
};

const derivePbkdf2 = promisify(pbkdf2);
const pbkdf2Pattern = /^\$pbkdf2-(sha256|sha512)\$(\d{1,7})\$([\w+/.-]{8,128})(?:\$([\w+/.-]{16,128}))?$/;

/** `$pbkdf2-sha256$29000$salt$tag` and `$pbkdf2-sha512$...`, with a tag as long as the digest. */
export const pbkdf2Scheme: LegacyScheme = {
  id: 'pbkdf2',
  read: (stored) => {
    const [, digest = '', rounds = '', saltText = '', tagText = ''] = pbkdf2Pattern.exec(stored) ?? [];
    const count = Number(rounds);
    if (count < 1 || count > 2_000_000) return undefined;
    const salt = fromBase64(saltText);
    const length = digest === 'sha256' ? 32 : 64;
    return computed(`$pbkdf2-${digest}$${count}$${toBase64(salt)}`, fromBase64(tagText), (password) => derivePbkdf2(password, salt, count, length, digest));
  },
};

/** What is verified besides Argon2id. Nothing that is not listed here is a password hash. */
export const legacySchemes: readonly LegacyScheme[] = [bcryptScheme, scryptScheme, pbkdf2Scheme];
