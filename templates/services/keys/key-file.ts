import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const keyBytes = 32;

/** What stands in a key file, or why it must not be used. A problem names the file, never what it holds. */
export type KeyFile = { readonly content: Buffer } | { readonly problem: string } | 'absent';

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/**
 * Reads a file that holds a secret: a file and no link, of this user, for this user alone (CWE-732).
 * @param uid of this process; undefined where the system has no user ids.
 */
export const readKeyFile = (path: string, uid: number | undefined): KeyFile => {
  let file: number | undefined;
  try {
    // What is checked is what is read: nobody can put another file in its place in between (CWE-367).
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW; // protect: Q461 ( | constants.O_NOFOLLOW -> )
    file = openSync(path, flags);
    const problem = problemOf(path, file, uid);
    return problem === undefined ? { content: readFileSync(file) } : { problem };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return 'absent';
    return { problem: code === 'ELOOP' ? `${path} must be a file, not a link to one` : `${path} cannot be read (${code})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

const problemOf = (path: string, file: number, uid: number | undefined): string | undefined => {
  const stats = fstatSync(file);
  if (!stats.isFile()) return `${path} must be a file`;
  if (uid === undefined) return undefined;
  if (stats.uid !== uid) return `${path} must belong to the user of the app`; // protect: Q461
  if ((stats.mode & 0o077) !== 0) return `${path} can be read by others: chmod 600 it`; // protect: Q461
  return undefined;
};

/** Why these bytes are no key; undefined when they look like one. */
export const weaknessOf = (key: Uint8Array): string | undefined => {
  if (key.length !== keyBytes) return `must hold ${keyBytes} random bytes, as they are`; // protect: Q461
  return isRandom([...key]) ? undefined : 'holds a sample or a text, not random bytes'; // protect: Q461 (isRandom([...key]) ? undefined -> true ? undefined)
};

/** False for zeros, patterns, series and text; once in 10^13 times for 32 random bytes. */
const isRandom = (bytes: readonly number[]): boolean => {
  const steps = bytes.map((byte, index) => (byte - (bytes[index - 1] ?? 0)) & 0xff);
  const isText = bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);
  return new Set(bytes).size >= 16 && new Set(steps).size >= 16 && !isText;
};

/**
 * Makes a key file where there is none. Of several that try at once one wins; nobody sees half a key, and at no time is it
 * readable for others (CWE-362, CWE-732).
 * @returns false when there is one.
 */
export const createKeyFile = (path: string, content: Uint8Array = randomBytes(keyBytes)): boolean => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(unfinished, content, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(unfinished, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(unfinished);
  }
};
