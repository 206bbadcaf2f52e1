import type { AppContext } from '#src/context.ts';
import type { OutboundHeaders } from './exchange.ts';

/** A system that this app calls, at an address that is a constant. */
export interface Partner {
  /** kebab-case, for the log and for `docs/security/destinations.md`. */
  readonly id: string;
  /** https, with the path that all calls begin with. No credentials and no query. */
  readonly baseUrl: string;
  /** What it is called for, for the documentation. */
  readonly purpose: string;
  /** Headers that prove who calls, asked for at each call. Their values never stand in a URL or a log (CWE-598). */
  readonly credentials?: (app: AppContext) => OutboundHeaders;
  /** Other headers of every call. */
  readonly headers?: OutboundHeaders;
  /** Less, or more, than OUTBOUND_DEADLINE_MS, for a call with all its retries. */
  readonly deadlineMs?: number;
  /** Less, or more, than OUTBOUND_MAX_BYTES. */
  readonly maxBytes?: number;
  /** Calls under way at once; 10 unless said. */
  readonly concurrency?: number;
  /** `public` unless said; `private` for a partner on a network of ours, whose addresses are not public. */
  readonly reach?: 'public' | 'private';
  /** PEM certificates that are trusted instead of those of Node, for a partner with an authority of its own. */
  readonly authorities?: readonly string[];
}

/**
 * Declares a partner.
 * @throws Error for a base URL that is not https, or that carries credentials or a query: URLs are logged on the way.
 */
export const definePartner = (partner: Partner): Partner => {
  const { protocol, username, password, search, hash } = new URL(partner.baseUrl);
  const isPlain = protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
  if (!isPlain) throw new Error(`The base URL of the partner \`${partner.id}\` must be https, without credentials and query.`); // protect: Q477
  return partner;
};
