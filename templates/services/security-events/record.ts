import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import type { Queries } from '#src/services/db/database.ts';

/**
 * The kinds of events, each with what belongs to it. Add yours where it happens: `declare module
 * '#src/services/security-events/record.ts' { interface SecurityEventMap { 'sign-in.succeeded': { way: string } } }`.
 * Details hold ids and codes; never a secret, never an address or a name (CWE-532).
 */
export interface SecurityEventMap {
  /** Something that belongs to nobody else. */
  'security.notice': { readonly code: string };
}

export type SecurityEventType = keyof SecurityEventMap;

export interface SecurityEvent<T extends SecurityEventType> {
  readonly type: T;
  /** Whose account it is about; null when that is not known. */
  readonly userId: string | null;
  readonly details: SecurityEventMap[T];
  /** The request it happened in; absent in jobs. */
  readonly context?: RequestContext;
}

/**
 * Keeps an event in the transaction of what it tells of: both happen, or neither (ASVS V16.3). It is logged too, at once.
 * @param tx the transaction; the database itself for what was refused and changed nothing.
 */
export const recordSecurityEvent = async <T extends SecurityEventType>(
  tx: Queries,
  { clock, log }: Pick<AppContext, 'clock' | 'log'>,
  { type, userId, details, context }: SecurityEvent<T>,
): Promise<void> => {
  const requestId = context?.id ?? null;
  await tx
    .insertInto('security_events')
    .values({
      at: new Date(clock.now()),
      type,
      user_id: userId,
      client_ip: context?.clientIp ?? null,
      request_id: requestId,
      details: JSON.stringify(details),
    })
    .execute();
  log.info({ securityEvent: type, userId, requestId, details }, 'security event');
};
