import { randomBytes } from 'node:crypto';
import { ConfigError } from '#src/config.ts';
import type { MasterKey } from './master-key.ts';
import { newSigningSecret, signingAlgorithms, signingKeyOf } from './signing.ts';
import type { KeyState } from './tables.ts';

/** What the keys of the ring are for, and with which algorithms: the first is what a new key gets. A key is for one of them. */
export const algorithms = {
  /** Values in the database. */
  sealing: ['A256GCM'],
  /** HMACs and digests, one key of its own for each use. */
  deriving: ['HKDF-SHA256'],
  /** Tokens that others verify. */
  signing: signingAlgorithms,
  /** What another system encrypted: opened for a while, never written. */
  legacy: ['fernet'],
} as const;
export type Purpose = keyof typeof algorithms;

/** A row of the key ring. */
export interface RingRow {
  readonly kid: string;
  readonly purpose: string;
  readonly algorithm: string;
  readonly state: KeyState;
  readonly created_at: Date;
  readonly active_from: Date;
  readonly wrapped: string | null;
}

/** A key of the ring, ready to use. */
export interface RingKey {
  readonly kid: string;
  readonly purpose: string;
  readonly algorithm: string;
  readonly state: KeyState;
  readonly createdAt: Date;
  /** Until then the key before it goes on being used. */
  readonly activeFrom: Date;
  /** Undefined when it is destroyed. */
  readonly secret: Buffer | undefined;
}

/** What a wrapped key is bound to: under another id, for another purpose or algorithm it does not open. */
export const boundTo = ({ kid, purpose, algorithm }: Pick<RingRow, 'kid' | 'purpose' | 'algorithm'>): string =>
  JSON.stringify(['key_ring', kid, purpose, algorithm]); // protect: Q481 (, kid, purpose, algorithm -> )

export interface NewKey {
  readonly purpose: Purpose;
  /** Absent: the first of its purpose. */
  readonly algorithm?: string;
  /** Absent: a new one. */
  readonly secret?: Buffer;
  readonly state?: KeyState;
  /** Wall-clock times in ms. */
  readonly now: number;
  readonly activeFrom?: number;
}

const isKnown = (purpose: string, algorithm: string): boolean =>
  Object.entries(algorithms).some(([known, names]) => known === purpose && names.some((name) => name === algorithm));

const newSecret = (algorithm: string): Buffer => {
  const signing = signingAlgorithms.find((name) => name === algorithm);
  return signing === undefined ? randomBytes(32) : newSigningSecret(signing);
};

/**
 * A new key, wrapped, as a row.
 * @throws RangeError for an algorithm that its purpose does not have.
 */
export const newRingRow = async (master: MasterKey, { purpose, algorithm = algorithms[purpose][0], state = 'active', now, ...given }: NewKey): Promise<RingRow> => {
  if (!isKnown(purpose, algorithm)) throw new RangeError(`No key for ${purpose} is made with ${algorithm}.`); // protect: Q469
  const named = { kid: randomBytes(8).toString('hex'), purpose, algorithm };
  const wrapped = await master.wrap(given.secret ?? newSecret(algorithm), boundTo(named));
  return { ...named, state, created_at: new Date(now), active_from: new Date(given.activeFrom ?? now), wrapped };
};

/** What is wrong with a ring as a whole; names key ids. */
export const ringProblems = (rows: readonly RingRow[]): string[] => {
  const twice = (names: readonly string[]): string[] => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const active = rows.filter(({ state }) => state === 'active');
  return [
    ...twice(rows.map(({ kid }) => kid)).map((kid) => `The key ring has two keys ${kid}`), // protect: Q481
    ...twice(active.map(({ purpose }) => purpose)).map((purpose) => `The key ring has two active keys for ${purpose}`), // protect: Q481
    ...rows.filter(({ purpose, algorithm }) => !isKnown(purpose, algorithm)).map(({ kid }) => `The key ring has an algorithm for ${kid} that is not in use`), // protect: Q481
  ];
};

/** @throws ConfigError when the row is not as it was written, or the master key is another one. */
export const openRingRow = async (master: MasterKey, row: RingRow): Promise<RingKey> => {
  const { kid, purpose, algorithm, state, created_at: createdAt, active_from: activeFrom, wrapped } = row;
  try {
    const secret = wrapped === null ? undefined : await master.unwrap(wrapped, boundTo(row));
    if (secret !== undefined && purpose === 'signing') signingKeyOf(algorithm, secret);
    return { kid, purpose, algorithm, state, createdAt, activeFrom, secret };
  } catch {
    const reasons = 'it was changed, is too weak, or MASTER_KEY_FILE holds another key than the one that wrapped it';
    throw new ConfigError([`The key ${kid} of the key ring cannot be used: ${reasons}`]);
  }
};
