import type { Reply } from '../app-core/reply.ts';
import type { OwnPath } from './own-path.ts';

/**
 * Sends the browser to a path of another origin, by GET (303, RFC 9110 section 15.4.4).
 * @param origin of the configuration; never one from a request (CWE-601).
 */
export const redirectToOrigin = (origin: string, path: OwnPath): Reply<never> => ({ status: 303, headers: { location: new URL(path, origin).href } });
