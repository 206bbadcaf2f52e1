import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

/** The least that is taken (OWASP Password Storage Cheat Sheet; ASVS V11.4.4). Memory is 128 * 2^ln * r bytes. */
const floors = { ln: 17, r: 8, p: 1, saltBytes: 16, characters: 20 } as const;
const ceilings = { ln: 20, r: 16, p: 4 } as const;

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** How a master key is made from a passphrase; stands in MASTER_KEY_FILE in the place of the key. */
export interface Derivation {
  /** The cost, as a power of two. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
}

const format = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\s*$/;

/** A new derivation, as it is stored. */
export const newDerivation = (): string =>
  `$scrypt$ln=${floors.ln},r=${floors.r},p=${floors.p}$${randomBytes(floors.saltBytes).toString('base64url')}\n`;

/** What a key file says of its derivation; undefined when it says something else. */
export const parseDerivation = (content: Uint8Array): Derivation | undefined => {
  const [, ln, r, p, salt = ''] = format.exec(Buffer.from(content).toString('latin1')) ?? [];
  return ln === undefined ? undefined : { ln: Number(ln), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64url') };
};

/** Why a passphrase or its derivation is too weak, or too costly to be meant; never a word of the passphrase. */
export const derivationProblems = (passphrase: string, { ln, r, p, salt }: Derivation): string[] => {
  const isWithin = (['ln', 'r', 'p'] as const).every((name) => {
    const value = { ln, r, p }[name];
    return value >= floors[name] && value <= ceilings[name];
  });
  const problems: string[] = [];
  if (passphrase.length < floors.characters) problems.push(`MASTER_KEY_PASSPHRASE must have ${floors.characters} characters or more`); // protect: Q461
  if (!isWithin) problems.push(`The scrypt parameters in MASTER_KEY_FILE must be ln=${floors.ln}, r=${floors.r}, p=${floors.p} or more`); // protect: Q461
  if (salt.length < floors.saltBytes) problems.push(`The salt in MASTER_KEY_FILE must have ${floors.saltBytes} bytes or more`); // protect: Q461
  return problems;
};

/** 32 bytes from a passphrase (scrypt, RFC 7914). Takes about half a second and 128 MB. */
export const deriveFromPassphrase = (passphrase: string, { ln, r, p, salt }: Derivation): Promise<Buffer> =>
  derive(passphrase.normalize('NFC'), salt, keyBytes, { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r * p });

const keyBytes = 32;
