import type { IncomingMessage } from 'node:http';
import type { Problem } from '#src/protections/app-core/problem.ts';

/**
 * Decides on one request.
 * @returns a Problem that refuses it, or nothing. Mark the statement that makes the difference with its item.
 */
export const newProtectionVerdict = (_request: Pick<IncomingMessage, 'headers'>): Problem | undefined => undefined;
