import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import type { Listening } from '#src/services/db/notifications.ts';
import type { OpenSession } from './current.ts';

/** The longest that an answer is given without looking into the database. Ms. */
const longestMs = 5000;

/** Beyond this the oldest go: memory must not grow with the number of users. */
const mostEntries = 10_000;

/** A session in memory. */
export interface Cached {
  readonly open: OpenSession;
  /** When its use is to be written down next, monotonic ms. */
  readonly touchAt: number;
}

interface Entry extends Cached {
  readonly until: number;
}

/**
 * Sessions that were read moments ago, by the digest of their cookie. Used only while the database tells of every change: a session
 * that was ended anywhere is gone here in the same moment, and without that news nothing is kept at all.
 */
export class SessionCache {
  readonly #entries = new Map<string, Entry>();
  readonly #keysOfUsers = new Map<string, Set<string>>();
  readonly #listening: Pick<Listening, 'isUp'>;
  #epoch = 0;

  constructor(listen: (listener: { heard(userId: string): void; lost(): void }) => Pick<Listening, 'isUp'>) {
    this.#listening = listen({ heard: (userId) => this.forget(userId), lost: () => this.clear() });
  }

  /** Changes with every news. What was read under an older one may be old itself and is not kept. */
  get epoch(): number {
    return this.#epoch;
  }

  get(key: string, now: number): Cached | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    return this.#listening.isUp() && now < entry.until ? entry : this.#drop(key, entry); // protect: Q436 (this.#listening.isUp() && now < entry.until -> true)
  }

  put(key: string, cached: Cached, epoch: number, now: number): void {
    if (epoch !== this.#epoch || !this.#listening.isUp()) return; // protect: Q436
    for (const [oldest, entry] of this.#entries) { // protect: Q436
      if (this.#entries.size < mostEntries) break;
      this.#drop(oldest, entry);
    }
    this.#entries.set(key, { ...cached, until: now + longestMs });
    const { userId } = cached.open.session;
    const keys = this.#keysOfUsers.get(userId);
    if (keys === undefined) this.#keysOfUsers.set(userId, new Set([key]));
    else keys.add(key);
  }

  /** Forgets every session of a user. */
  forget(userId: string): void {
    this.#epoch += 1;
    for (const key of this.#keysOfUsers.get(userId) ?? []) this.#entries.delete(key);
    this.#keysOfUsers.delete(userId);
  }

  clear(): void {
    this.#epoch += 1;
    this.#entries.clear();
    this.#keysOfUsers.clear();
  }

  #drop(key: string, { open }: Entry): undefined {
    this.#entries.delete(key);
    const keys = this.#keysOfUsers.get(open.session.userId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfUsers.delete(open.session.userId);
  }
}

/** The cache of an app. */
export const cacheOf: (app: AppContext) => SessionCache = perApp(
  ({ services }) => new SessionCache((listener) => services.db.listen({ channel: 'sessions_changed', ...listener })),
);
