import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { CannotOpen, type Place, open, seal } from '#src/protections/encryption/seal.ts';
import { cacheOf } from './cache.ts';
import { type OpenSession, openSessionOf, setOpenSession } from './current.ts';
import type { Given } from './given.ts';

/** The most that a session keeps, sealed. Characters. */
const longestData = 4096;

export type SessionData = Readonly<Record<string, unknown>>;

/** The sealed column, for the rotation of keys. */
export const dataColumn = { purpose: 'session', table: 'sessions', column: 'data', row: 'token_hash' } as const;

/** The row is named as the database writes it. */
const placeOf = (digest: Buffer): Place => ({ ...dataColumn, row: `\\x${digest.toString('hex')}` }); // protect: Q452 (`\\x${digest.toString('hex')}` -> '')

/** Bound to the session: moved to another row it does not open (Q452). */
export const sealData = (app: Pick<AppContext, 'services'>, digest: Buffer, data: SessionData): string | null => {
  if (Object.keys(data).length === 0) return null;
  const sealed = seal(app, placeOf(digest), JSON.stringify(data));
  if (sealed.length > longestData) throw new Problem(413, { detail: 'The session holds too much.' }); // protect: G2
  return sealed;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Opens the data of a session. Nothing is parsed that was not sealed here, for this session.
 * @throws CannotOpen for everything else.
 */
export const openData = (app: Pick<AppContext, 'services'>, digest: Buffer, sealed: string | null): SessionData => {
  if (sealed === null) return {};
  if (sealed.length > longestData) throw new CannotOpen(); // protect: Q473
  const data: unknown = JSON.parse(open(app, placeOf(digest), sealed).toString('utf8'));
  if (!isRecord(data)) throw new CannotOpen();
  return data;
};

/** A value that is kept in sessions. No roles, no secrets, nothing about a person: those have tables of their own. */
export interface SessionValue<T> {
  /** Undefined when there is none, or when what is there does not fit the schema. */
  read(given: Pick<Given, 'context'>): T | undefined;
  /**
   * Keeps `value`; undefined removes it.
   * @throws Problem 401 without a session; 409 when another request wrote at the same time; 413 when the session holds too much.
   */
  write(given: Given, value: T | undefined): Promise<void>;
}

const names = new Set<string>();

/**
 * Declares a value that sessions keep, at the top of the module that uses it.
 * @param schema checked on every read, whoever wrote it.
 * @throws Error for a name that is taken.
 */
export const sessionValue = <S extends TSchema>(name: string, schema: S): SessionValue<Static<S>> => {
  if (names.has(name)) throw new Error(`The session value \`${name}\` is declared twice.`);
  names.add(name);
  const validator = Compile(schema);
  return {
    read: ({ context }) => {
      const data = openSessionOf(context)?.data ?? {};
      const value = Object.hasOwn(data, name) ? data[name] : undefined;
      return validator.Check(value) ? value : undefined; // protect: Q473 (validator.Check(value) -> value !== undefined)
    },
    write: async (given, value) => {
      const current = openSessionOf(given.context);
      if (current === undefined) throw new Problem(401, { headers: { 'www-authenticate': 'Session' } });
      const { [name]: _before, ...others } = current.data;
      await save(given, current, value === undefined ? others : { ...others, [name]: value });
    },
  };
};

/** Two requests that read the same version cannot both write: the second one starts over (CWE-362). */
const save = async ({ app, context }: Given, current: OpenSession, data: SessionData): Promise<void> => {
  const { digest, version, session } = current;
  const { numUpdatedRows } = await app.services.db.query
    .updateTable('sessions')
    .set({ data: sealData(app, digest, data), version: version + 1 })
    .where('token_hash', '=', digest)
    .where('version', '=', version) // protect: G2
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Problem(409, { detail: 'Another request changed the session.' });
  cacheOf(app).forget(session.userId);
  setOpenSession(context, { ...current, data, version: version + 1 });
};
