import { hash } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { recordSecurityEvent } from '#src/services/security-events/record.ts';

/** Knows passwords that stood in leaks. */
export interface BreachedPasswords {
  /**
   * How often a password was seen in leaks; 0 when never.
   * @throws Error when that cannot be said.
   */
  count(password: string): Promise<number>;
}

/** The range API of Have I Been Pwned. */
export const publicRangeApi = 'https://api.pwnedpasswords.com/range/';

/** More than a padded answer ever has. */
const mostBytes = 524_288;

/**
 * Asks a range API: five hex digits of a SHA-1 go out, and all hashes that begin with them come back, with others mixed in so
 * that the length of the answer tells nothing either. Neither the password nor its hash leaves the app.
 * @param url what the five digits are appended to
 */
export const rangeApi = (url: string, { timeoutMs = 2000 }: { readonly timeoutMs?: number } = {}): BreachedPasswords => ({
  count: async (password) => {
    const digest = hash('sha1', password).toUpperCase();
    const prefix = digest.slice(0, 5); // protect: Q416 (digest.slice(0, 5) -> digest)
    const answer = await fetch(url + prefix, {
      headers: { 'add-padding': 'true', 'user-agent': 'breached-passwords-check' }, // protect: Q416 ('true' -> 'false')
      redirect: 'error', // protect: Q416 ('error' -> 'follow')
      signal: AbortSignal.timeout(timeoutMs), // protect: Q416
    });
    if (!answer.ok) throw new Error(`The range API answers ${answer.status}.`);
    return countIn(await textOf(answer), digest.slice(5));
  },
});

/** Lines are `suffix:count`; padding has the count 0, and so counts for nothing. */
const countIn = (text: string, suffix: string): number => {
  for (const line of text.split(/\r?\n/)) {
    const [found, count = ''] = line.split(':');
    if (found?.toUpperCase() === suffix) return /^\d{1,12}$/.test(count) ? Number(count) : 0; // protect: Q416 (Number(count) -> 1)
  }
  return 0;
};

const textOf = async ({ body }: Response): Promise<string> => {
  const parts: AsyncIterable<unknown> | Iterable<unknown> = body ?? [];
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of parts) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('A body is made of bytes.');
    length += chunk.length;
    if (length > mostBytes) throw new Error('The answer of the range API is too long.'); // protect: Q416
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
};

/** What the app asks; undefined when it asks nobody. Replace it to ask a list of your own. */
export const breachedPasswordsOf = perApp(({ config }): { source: BreachedPasswords | undefined } => {
  const url = sourceOf(config);
  return { source: url === undefined ? undefined : rangeApi(url) };
});

const sourceOf = ({ BREACHED_PASSWORDS_URL: chosen, NODE_ENV }: Pick<AppContext['config'], 'BREACHED_PASSWORDS_URL' | 'NODE_ENV'>): string | undefined => {
  if (chosen === 'auto') return NODE_ENV === 'production' ? publicRangeApi : undefined;
  return chosen === 'off' ? undefined : chosen;
};

/**
 * True when a password stood in a leak. Where that cannot be said it is let through, and the event is kept: a service of
 * others must not decide whether anybody can sign up here.
 */
export const isBreached = async (app: AppContext, password: string): Promise<boolean> => {
  const { source } = breachedPasswordsOf(app);
  if (source === undefined) return false;
  try {
    return (await source.count(password)) > 0;
  } catch (error) {
    app.log.warn({ err: error }, 'breached passwords could not be looked up');
    await recordSecurityEvent(app.services.db.query, app, { type: 'security.notice', userId: null, details: { code: 'breached_passwords_unreachable' } });
    return false;
  }
};
