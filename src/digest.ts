import { hash } from 'node:crypto';

/** Hex SHA-256 of a text as UTF-8. */
export const sha256 = (text: string): string => hash('sha256', text);
