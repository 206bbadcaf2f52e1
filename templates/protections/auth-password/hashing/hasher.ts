import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { atLeast, hashArgon2id, hashOfNobody, pepperOf } from './argon2id.ts';
import { HashQueue } from './queue.ts';
import { type HashSettings, readHash, wrapHash } from './schemes.ts';

/** What became of a password that was tried. */
export interface Verdict {
  readonly valid: boolean;
  /** True when it fits a hash that should be replaced. */
  readonly outdated: boolean;
}

/** Hashes and verifies passwords, a few at a time. */
export class PasswordHasher {
  readonly #settings: HashSettings;
  readonly #queue: HashQueue;
  readonly #nobody: string;
  readonly #log: AppContext['log'];

  constructor({ config, log, services }: Pick<AppContext, 'config' | 'log' | 'services'>) {
    const cost = atLeast({ memory: config.ARGON2_MEMORY_KIB, passes: config.ARGON2_PASSES });
    const pepper = pepperOf(services.keys.hmacKey('password.pepper'));
    this.#settings = { cost, pepper };
    this.#queue = new HashQueue({ width: config.PASSWORD_HASHES_AT_ONCE, waiting: config.PASSWORD_HASHES_WAITING });
    this.#nobody = hashOfNobody(cost, pepper);
    this.#log = log;
  }

  /** @throws Problem 503 when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.#queue.run(() => hashArgon2id(password, this.#settings.cost, this.#settings.pepper));
  }

  /**
   * Tries a password on a stored hash. Where there is none, or one that cannot be used, it is tried on a hash that nothing
   * fits: the same work in the same line, so that time tells nothing of who has an account (CWE-208).
   * @throws Problem 503 when too many are waiting.
   */
  verify(password: string, stored: string | undefined): Promise<Verdict> {
    const { usable, nobody } = this.#read(stored);
    return this.#queue.run(async () => {
      const fits = await (usable ?? nobody).verify(password); // protect: Q447 (await (usable ?? nobody).verify(password) -> (await usable?.verify(password)) === true)
      return { valid: usable !== undefined && fits, outdated: usable?.outdated === true };
    });
  }

  /** Puts an old hash under Argon2id; undefined when it is not an old one. */
  wrap(stored: string): Promise<string | undefined> {
    return this.#queue.run(() => wrapHash(stored, this.#settings));
  }

  /** The scheme of a stored hash: `unusable` when nobody can sign in with it. */
  schemeOf(stored: string): string {
    return readHash(stored, this.#settings)?.scheme ?? 'unusable';
  }

  #read(stored: string | undefined) {
    const nobody = readHash(this.#nobody, this.#settings);
    if (nobody === undefined) throw new Error('The hash of nobody cannot be read.');
    const usable = stored === undefined ? undefined : readHash(stored, this.#settings);
    if (stored !== undefined && usable === undefined) this.#log.error('a stored password hash is of no known scheme, or asks for too much');
    return { usable, nobody };
  }
}

/** The hasher of the app. */
export const hasherOf = perApp((app) => new PasswordHasher(app));
