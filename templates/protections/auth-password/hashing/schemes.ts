import { safeEqual } from '../../encryption/safe-equal.ts';
import { type Argon2Cost, type Pepper, hashArgon2id, readArgon2id } from './argon2id.ts';
import { legacySchemes } from './legacy.ts';

/** A stored hash that is understood. */
export interface StoredHash {
  /** For the report of what is left: `argon2id`, `bcrypt`, ..., `wrapped`. */
  readonly scheme: string;
  /** True when a new hash should take its place. */
  readonly outdated: boolean;
  verify(password: string): Promise<boolean>;
}

/** What hashes are written with now. */
export interface HashSettings {
  readonly cost: Argon2Cost;
  readonly pepper: Pepper;
}

/** `$wrapped$<setting>$argon2id$...`: an old hash under Argon2id, for accounts that do not come back. */
const wrappedPattern = /^\$wrapped\$([\w-]{1,400})(\$argon2id\$.+)$/;

/** Understands a stored hash by its own prefix; undefined for everything else: unknown text is no password (fail closed). */
export const readHash = (stored: string, settings: HashSettings): StoredHash | undefined => {
  const [, setting, over] = wrappedPattern.exec(stored) ?? [];
  if (setting !== undefined && over !== undefined) return readWrapped(Buffer.from(setting, 'base64url').toString(), over, settings);
  return readOwn(stored, settings) ?? readLegacy(stored);
};

const readOwn = (stored: string, { cost, pepper }: HashSettings): StoredHash | undefined => {
  const own = readArgon2id(stored);
  if (own === undefined) return undefined;
  // protect: Q424 (own.memory < cost.memory || own.passes < cost.passes -> false)
  const isWeak = own.memory < cost.memory || own.passes < cost.passes;
  return { scheme: 'argon2id', outdated: isWeak || own.keyId === undefined, verify: (password) => own.verify(password, pepper) };
};

const legacyOf = (text: string) => {
  for (const scheme of legacySchemes) {
    const hash = scheme.read(text);
    if (hash !== undefined) return { scheme: scheme.id, hash };
  }
  return undefined;
};

const readLegacy = (stored: string): StoredHash | undefined => {
  const legacy = legacyOf(stored);
  const whole = legacy?.hash.whole;
  if (legacy === undefined || whole === undefined) return undefined;
  const { scheme, hash } = legacy;
  return { scheme, outdated: true, verify: async (password) => safeEqual(await hash.recompute(password), whole) };
};

const readWrapped = (setting: string, over: string, { pepper }: HashSettings): StoredHash | undefined => {
  const inner = legacyOf(setting);
  const outer = readArgon2id(over);
  if (inner === undefined || outer === undefined) return undefined;
  return { scheme: 'wrapped', outdated: true, verify: async (password) => outer.verify(await inner.hash.recompute(password), pepper) };
};

/**
 * Puts an old hash under Argon2id without the password: what was stored before cannot be found in the table any more. Both
 * are computed at the next sign-in, which replaces it.
 * @returns undefined when the hash is not an old one.
 */
export const wrapHash = async (stored: string, { cost, pepper }: HashSettings): Promise<string | undefined> => {
  const legacy = legacyOf(stored);
  if (legacy?.hash.whole === undefined) return undefined;
  return `$wrapped$${Buffer.from(legacy.hash.setting).toString('base64url')}${await hashArgon2id(legacy.hash.whole, cost, pepper)}`;
};
