import type { Transaction } from 'kysely';
import type { AppContext } from '#src/context.ts';
import type { RequestContext } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Database } from '#src/schema/tables.ts';

/** How often a thing may be done: a rule of the business, kept by the database and not by a counter beside it. */
export interface BusinessLimit {
  /** For example `coupon.redeem`. */
  readonly name: string;
  /** Whose uses are added up. */
  readonly scope: 'user' | 'tenant' | 'global';
  /** The most that may be used up in a window. */
  readonly maximum: number;
  /** Absent: for ever. Windows begin at multiples of it in UTC: 86_400_000 is a calendar day. */
  readonly windowMs?: number;
}

const declared = new Map<string, BusinessLimit>();

/** Every declared limit by its name. */
export const businessLimits: ReadonlyMap<string, BusinessLimit> = declared;

/**
 * Declares a limit, at the top of the module that keeps it.
 * @throws Error for a name that is taken, and for a maximum that nothing can reach.
 */
export const declareLimit = (limit: BusinessLimit): BusinessLimit => {
  if (declared.has(limit.name)) throw new Error(`The business limit \`${limit.name}\` is declared twice.`);
  if (!Number.isSafeInteger(limit.maximum) || limit.maximum < 1) throw new RangeError(`The business limit \`${limit.name}\` needs a maximum of at least 1.`);
  declared.set(limit.name, limit);
  return limit;
};

export interface Use {
  readonly context: RequestContext;
  readonly app: Pick<AppContext, 'clock'>;
  /** What is used up, when each of it has its own count: the id of a coupon. */
  readonly of?: string;
  /** How much; 1 unless said otherwise. */
  readonly amount?: number;
}

/**
 * Uses up `amount` of a limit, in the transaction of the action itself: both happen or neither does. One conditional
 * statement decides, so parallel requests cannot all see the last one free (CWE-362).
 * @throws Problem 409 when the limit is reached; it says nothing of who reached it.
 */
export const useUp = async (tx: Transaction<Database>, limit: BusinessLimit, { context, app, of = '', amount = 1 }: Use): Promise<void> => {
  const { name, maximum, windowMs } = limit;
  if (!Number.isSafeInteger(amount) || amount < 1) throw new RangeError('An amount is a whole number above 0.');
  const used = await tx
    .insertInto('business_uses')
    .values({
      name,
      subject: `${subjectOf(limit, context)}/${of}`,
      window_start: windowMs === undefined ? 0 : Math.floor(app.clock.now() / windowMs) * windowMs,
      uses: amount,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['name', 'subject', 'window_start'])
        .doUpdateSet((eb) => ({ uses: eb('business_uses.uses', '+', eb.ref('excluded.uses')) }))
        .where((eb) => eb(eb('business_uses.uses', '+', eb.ref('excluded.uses')), '<=', eb.val(String(maximum)))), // protect: Q427
    )
    .returning('uses')
    .executeTakeFirst();
  if (used === undefined || amount > maximum) throw reached(); // protect: Q427
};

const reached = (): Problem => new Problem(409, { detail: 'This is not possible any more.' });

const subjectOf = ({ name, scope }: BusinessLimit, { actor }: RequestContext): string => {
  if (scope === 'global') return 'everybody';
  const subject = scope === 'user' ? actor?.id : actor?.tenant;
  // Nobody in particular would be one subject that all anonymous callers share.
  if (subject === undefined) throw new Error(`The business limit \`${name}\` needs a known ${scope}: the route must not be public.`);
  return subject;
};
