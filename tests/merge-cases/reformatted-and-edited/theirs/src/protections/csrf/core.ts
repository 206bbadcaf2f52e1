import { createHash, timingSafeEqual } from 'node:crypto';

/** How long a token lives, in seconds. */
export const maxAge = 3600;

/** Whether a token may pass. */
export const mayPass = (token: string | undefined, known: string): boolean => {
  if (token === undefined) return false;
  const digest = createHash('sha256').update(token).digest('hex');
  // Constant time: an early exit leaks the digest byte by byte (CWE-208).
  return digest.length === known.length && timingSafeEqual(Buffer.from(digest), Buffer.from(known));
};

/** What is said to who is refused. */
export const refusal = { status: 403, title: 'Forbidden', detail: 'The token is wrong.' };
