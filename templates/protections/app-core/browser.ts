import type { IncomingMessage } from 'node:http';

/** True when a browser asks for a page: scripts and API clients do not name `text/html` in Accept. */
export const wantsPage = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean => /\btext\/html\b/i.test(headers.accept ?? '');
