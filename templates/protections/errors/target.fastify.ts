/** What a target that cannot be decoded is replaced by. Whoever asks for it by name is answered the same: 400. */
export const MALFORMED_TARGET = '/.malformed/request/target';

/**
 * The target, if its path decodes. Fastify's router answers any other by itself, before every hook: without the
 * security headers, uncounted by the limits, and with the path in the body (CWE-209).
 */
export const readableTarget = (target: string): string => {
  if (!target.includes('%')) return target;
  const query = target.indexOf('?');
  try {
    decodeURIComponent(query < 0 ? target : target.slice(0, query));
    return target;
  } catch {
    return MALFORMED_TARGET;
  }
};
