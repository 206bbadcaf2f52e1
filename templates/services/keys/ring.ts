import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyObject } from 'node:crypto';
import { ConfigError } from '#src/config.ts';
import type { Db } from '#src/services/db/database.ts';
import type { Service, ServiceSetup } from '#src/services/setup.ts';
import { deriveKey } from './derive.ts';
import type { MasterKey } from './master-key.ts';
import { type NewKey, type Purpose, type RingKey, type RingRow, newRingRow, openRingRow, ringProblems } from './ring-key.ts';
import { type PublicJwk, publicJwk, signingKeyOf } from './signing.ts';

/** How long it takes at most, in ms, until a process sees what another one did to the ring. */
const refreshMs = 60_000;

/** A new key waits so long, in ms, before it is used: every process has seen it by then, so nobody meets a key it does not know. */
export const settleMs = 2 * refreshMs;

const dayMs = 86_400_000;

const columns = ['kid', 'purpose', 'algorithm', 'state', 'created_at', 'active_from', 'wrapped'] as const;

/** Purposes that have a key in every app. */
const needed = ['sealing', 'deriving'] as const;

/** A key that seals or opens. */
export interface DataKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly secret: Buffer;
}

/** A key that signs. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly key: KeyObject;
}

interface UsableKey extends RingKey {
  readonly secret: Buffer;
}

const isUsable = (key: RingKey): key is UsableKey => key.secret !== undefined;

/** The keys of the app, in memory; the ring in the database is shared by all processes. */
export class Keys implements Service {
  readonly #setup: ServiceSetup;
  readonly #db: Db;
  readonly #master: MasterKey;
  /** The newest first. */
  #keys: readonly RingKey[] = [];
  #first: readonly RingRow[] = [];
  readonly #derived = new Map<string, Buffer>();
  /** Runs what reads the ring outside of any transaction that happens to be open around the caller. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #reading: Promise<void> | undefined;
  #readAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: ServiceSetup, db: Db, master: MasterKey) {
    this.#setup = setup;
    this.#db = db;
    this.#master = master;
  }

  /**
   * Reads the ring, makes what it lacks, and goes on reading it.
   * @param first the keys of a ring that is known to have no other, see `firstKeysOf`.
   * @throws ConfigError when a key is not as it was written.
   */
  async load(first: readonly RingRow[] = []): Promise<void> {
    this.#first = first;
    if (first.length > 0) await this.#take(first);
    else {
      await this.refresh();
      for (const purpose of needed) await this.ensure(purpose);
    }
    this.#timer = setInterval(() => this.#refreshInBackground(), refreshMs).unref();
  }

  /** A key for each purpose that every app needs, not written yet. */
  newRing(): Promise<RingRow[]> {
    return Promise.all(needed.map((purpose) => this.newRow({ purpose, now: this.#setup.clock.now() })));
  }

  /**
   * A key of 32 bytes for one use in the code (`csrf`, `password.pepper`), the same in every process and for ever: for HMACs
   * that nobody must be able to compute who reads the database. Never for encryption: that is `seal`.
   */
  hmacKey(purpose: string): Buffer {
    return this.#derive(this.current('deriving'), 'hmac', purpose);
  }

  /** The key that seals for `purpose` now. */
  sealingKey(purpose: string): DataKey {
    return this.#dataKey(this.current('sealing'), purpose);
  }

  /** The key `kid`, which sealed something for `purpose`; undefined when it is destroyed or nobody knows it. */
  openingKey(kid: string, purpose: string): DataKey | undefined {
    const key = this.#keys.find((candidate) => candidate.kid === kid);
    if (key === undefined) this.#refreshSoon();
    return key?.purpose === 'sealing' && isUsable(key) ? this.#dataKey(key, purpose) : undefined;
  }

  /** What another system encrypted with, as it was imported; undefined when nothing was. */
  legacyKey(algorithm: string): Buffer | undefined {
    return this.#usable('legacy').find((key) => key.algorithm === algorithm)?.secret;
  }

  /** The key that signs now. `ensure('signing')` makes the first. */
  signingKey(): SigningKey {
    return this.#signing(this.current('signing'));
  }

  /** The public keys that verify: the one that signs, those before it, and the one that will. */
  jwks(): { readonly keys: readonly PublicJwk[] } {
    const keys = this.#usable('signing').map((key) => this.#signing(key));
    return { keys: keys.map(({ kid, algorithm, key }) => publicJwk(kid, algorithm, key)) };
  }

  /**
   * The newest key of a purpose whose time has come.
   * @throws Error when there is none.
   */
  current(purpose: Purpose): UsableKey {
    const now = this.#setup.clock.now();
    const usable = this.#usable(purpose);
    const key = usable.find(({ activeFrom }) => activeFrom.getTime() <= now) ?? usable.at(-1);
    if (key === undefined) throw new Error(`The key ring has no key for ${purpose}.`);
    return key;
  }

  /** Every key that there is or was, the newest first. */
  list(): readonly RingKey[] {
    return this.#keys;
  }

  /**
   * Makes the first key of a purpose. Of several processes that do it at once one wins, and all use its key.
   * @returns false when there is one.
   */
  async ensure(purpose: Purpose, made: Pick<NewKey, 'algorithm' | 'secret'> = {}): Promise<boolean> {
    if (this.#usable(purpose).length > 0) return false;
    const row = await this.newRow({ purpose, ...made, now: this.#setup.clock.now() });
    const insert = this.#db.query.insertInto('key_ring').values(row);
    await insert.onConflict((conflict) => conflict.doNothing()).execute(); // protect: Q481 (insert.onConflict((conflict) => conflict.doNothing()) -> insert)
    await this.refresh();
    return true;
  }

  /** A new key, wrapped; who calls writes the row. */
  newRow(key: NewKey): Promise<RingRow> {
    return newRingRow(this.#master, key);
  }

  /** Reads the ring anew. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Rejects when this process can no longer read what others write into the ring. */
  ready(): Promise<void> {
    return this.refresh();
  }

  async advice(): Promise<string[]> {
    const { clock, config } = this.#setup;
    const old = (['sealing', 'signing'] as const).filter((purpose) => {
      const key = this.#usable(purpose).at(0);
      const days = key === undefined ? 0 : (clock.now() - key.activeFrom.getTime()) / dayMs;
      return days > 0.9 * config.KEY_MAX_AGE_DAYS;
    });
    return old.map((purpose) => `The key for ${purpose} is near the end of its life (KEY_MAX_AGE_DAYS): npm run keys -- rotate ${purpose}`);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading?.catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { query } = this.#db;
    this.#readAt = this.#setup.clock.monotonic();
    if (this.#first.length > 0) {
      const insert = query.insertInto('key_ring').values(this.#first);
      await insert.onConflict((conflict) => conflict.doNothing()).execute();
    }
    await this.#take(await query.selectFrom('key_ring').select(columns).orderBy('active_from', 'desc').orderBy('kid').execute());
  }

  async #take(rows: readonly RingRow[]): Promise<void> {
    const problems = ringProblems(rows);
    if (problems.length > 0) throw new ConfigError(problems);
    this.#keys = await Promise.all(rows.map((row) => this.#open(row)));
  }

  /** A key that is known is not unwrapped again: of what the row says now only its state counts. */
  async #open(row: RingRow): Promise<RingKey> {
    const known = this.#keys.find(({ kid }) => kid === row.kid);
    if (known === undefined) return openRingRow(this.#master, row);
    return { ...known, state: row.state, secret: row.wrapped === null ? undefined : known.secret };
  }

  /** Once in a second at most: whoever sends made-up key ids must not make the app ask its database all the time. */
  #refreshSoon(): void {
    if (this.#setup.clock.monotonic() - this.#readAt >= 1000) this.#refreshInBackground();
  }

  #refreshInBackground(): void {
    const failed = (error: unknown): void => this.#setup.log.error({ err: error }, 'the key ring could not be read');
    this.#outside(() => void this.refresh().catch(failed));
  }

  #usable(purpose: Purpose): readonly UsableKey[] {
    return this.#keys.filter(isUsable).filter((key) => key.purpose === purpose);
  }

  #dataKey(key: UsableKey, purpose: string): DataKey {
    return { kid: key.kid, algorithm: key.algorithm, secret: this.#derive(key, 'seal', purpose) };
  }

  #signing({ kid, algorithm, secret }: UsableKey): SigningKey {
    return { kid, algorithm, key: signingKeyOf(algorithm, secret) };
  }

  #derive({ kid, secret }: UsableKey, ...use: readonly string[]): Buffer {
    const name = JSON.stringify([kid, ...use]);
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const derived = deriveKey(secret, ...use);
    this.#derived.set(name, derived);
    return derived;
  }
}
