import type { IncomingMessage } from 'node:http';
import { prefersHtml } from './accept.ts';

/** True when a browser asks for a page: its Accept prefers HTML to JSON. Scripts and API clients do not name `text/html`. */
export const wantsPage = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean => prefersHtml(headers.accept);
