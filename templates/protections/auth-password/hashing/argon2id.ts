import { argon2, hash, randomBytes } from 'node:crypto';
import { safeEqual } from '../../encryption/safe-equal.ts';
import { readPhc, toBase64, wholeNumber } from './phc.ts';

/** What a hash costs. */
export interface Argon2Cost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
}

/** What is mixed into every hash and does not stand in the database: who has the table alone has nothing to crack. */
export interface Pepper {
  /** Stands in the hash, so that it is known which secret it needs. */
  readonly id: string;
  readonly secret: Buffer;
}

/** The least that may be configured: 19 MiB and two passes (OWASP Password Storage, ASVS V11.4.2). */
export const leastCost: Argon2Cost = { memory: 19_456, passes: 2 };

const algorithm = 'argon2id';
const version = '19';
const parallelism = 1;
const saltBytes = 16;
const tagBytes = 32;

interface Derivation extends Argon2Cost {
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tagLength: number;
  readonly secret: Buffer | undefined;
}

const derive = (password: string, { memory, passes, parallelism: lanes, salt, tagLength, secret }: Derivation): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const input = { message: password, nonce: salt, parallelism: lanes, tagLength, memory, passes, ...(secret === undefined ? {} : { secret }) };
    argon2(algorithm, input, (error, tag) => (error === null ? resolve(tag) : reject(error)));
  });

/** Names a pepper by its digest, as the parameter `keyid` of the hash. */
export const pepperOf = (secret: Buffer): Pepper => ({ id: toBase64(hash('sha256', secret, 'buffer').subarray(0, 6)), secret });

/** Never below the floor, whatever was configured. */
export const atLeast = ({ memory, passes }: Argon2Cost): Argon2Cost => ({
  memory: Math.max(memory, leastCost.memory), // protect: Q404 (Math.max(memory, leastCost.memory) -> memory)
  passes: Math.max(passes, leastCost.passes), // protect: Q404 (Math.max(passes, leastCost.passes) -> passes)
});

const format = ({ memory, passes }: Argon2Cost, keyId: string, salt: Uint8Array, tag: Uint8Array): string =>
  `$${algorithm}$v=${version}$m=${memory},t=${passes},p=${parallelism},keyid=${keyId}$${toBase64(salt)}$${toBase64(tag)}`;

/** Hashes a password, with a salt of its own (RFC 9106). */
export const hashArgon2id = async (password: string, cost: Argon2Cost, { id, secret }: Pepper): Promise<string> => {
  const salt = randomBytes(saltBytes); // protect: Q404 (randomBytes(saltBytes) -> Buffer.alloc(saltBytes))
  const tag = await derive(password, { ...cost, parallelism, salt, tagLength: tagBytes, secret });
  return format(cost, id, salt, tag);
};

/** A hash that no password fits and that costs as much to try as any other: for accounts that do not exist. */
export const hashOfNobody = (cost: Argon2Cost, { id }: Pepper): string => format(cost, id, randomBytes(saltBytes), randomBytes(tagBytes));

/** A hash that was read and found usable. */
export interface Argon2Hash extends Argon2Cost {
  /** Undefined when it was made without a pepper. */
  readonly keyId: string | undefined;
  verify(password: string, pepper: Pepper): Promise<boolean>;
}

/** The most that a stored hash may ask for, so that a row cannot take the memory of the machine: 256 MiB. */
export const mostCost: Argon2Cost = { memory: 262_144, passes: 16 };

/** Reads a stored hash; undefined when it is no Argon2id hash, or asks for what nobody configures (CWE-770). */
export const readArgon2id = (stored: string): Argon2Hash | undefined => {
  const phc = readPhc(stored);
  if (phc?.id !== algorithm || phc.version !== version) return undefined;
  const { salt, tag } = phc;
  const memory = wholeNumber(phc, 'm', 8, mostCost.memory); // protect: Q424 (mostCost.memory -> 4_294_967_295)
  const passes = wholeNumber(phc, 't', 1, mostCost.passes);
  const lanes = wholeNumber(phc, 'p', 1, 16);
  if (memory === undefined || passes === undefined || lanes === undefined || memory < 8 * lanes) return undefined;
  if (salt.length < 8 || tag.length < 16) return undefined;
  const keyId = phc.parameters.get('keyid');
  return {
    memory,
    passes,
    keyId,
    verify: async (password, pepper) => {
      if (keyId !== undefined && keyId !== pepper.id) return false;
      const secret = keyId === undefined ? undefined : pepper.secret;
      return safeEqual(await derive(password, { memory, passes, parallelism: lanes, salt, tagLength: tag.length, secret }), tag);
    },
  };
};
