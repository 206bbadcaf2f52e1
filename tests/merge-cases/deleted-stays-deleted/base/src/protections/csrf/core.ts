import { createHash } from 'node:crypto';

/** How long a token lives, in seconds. */
export const maxAge = 3600;

/** Whether a token may pass. */
export const mayPass = (token: string | undefined, known: string): boolean => {
  if (token === undefined) return false;
  const digest = createHash('sha256').update(token).digest('hex');
  return digest === known;
};

/** What is said to who is refused. */
export const refusal = { status: 403, title: 'Forbidden', detail: 'The token is wrong.' };
