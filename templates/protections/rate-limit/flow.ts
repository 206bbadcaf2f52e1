import type { Transaction } from 'kysely';
import { Problem } from '#src/protections/app-core/problem.ts';
import type { Database } from '#src/schema/tables.ts';

/** The steps of a process and their order, as data. */
export interface Flow<Step extends string> {
  readonly name: string;
  /** The step that begins it. */
  readonly start: NoInfer<Step>;
  /** What may follow each step. */
  readonly next: Readonly<Record<Step, readonly NoInfer<Step>[]>>;
}

/** Declares a flow, for example `defineFlow({ name: 'order', start: 'cart', next: { cart: ['paid'], paid: ['sent'], sent: [] } })`. */
export const defineFlow = <const Step extends string>(flow: Flow<Step>): Flow<Step> => flow;

/**
 * Takes `subject` to the step `to`, in the transaction of the step itself. The step before it must have been the last one:
 * a step that is skipped, repeated or raced is refused (CWE-841).
 * @param subject what goes through the flow, for example the id of an order; check before whose it is
 * @throws Problem 409 when `to` does not follow the last step.
 */
export const advance = async <Step extends string>(tx: Transaction<Database>, flow: Flow<Step>, subject: string, to: NoInfer<Step>): Promise<void> => {
  const moved = to === flow.start ? await begin(tx, flow, subject) : await step(tx, flow, subject, to);
  if (moved === undefined) throw new Problem(409, { detail: 'This step does not follow the last one.' }); // protect: Q427
};

const begin = (tx: Transaction<Database>, { name, start }: Flow<string>, subject: string) =>
  tx
    .insertInto('flow_states')
    .values({ flow: name, subject, state: start })
    .onConflict((conflict) => conflict.columns(['flow', 'subject']).doNothing())
    .returning('state')
    .executeTakeFirst();

const step = (tx: Transaction<Database>, { name, next }: Flow<string>, subject: string, to: string) => {
  const before = Object.entries(next).flatMap(([from, following]) => (following.includes(to) ? [from] : []));
  // A step that nothing leads to: SQL has no empty list.
  if (before.length === 0) return undefined;
  return tx
    .updateTable('flow_states')
    .set({ state: to })
    .where('flow', '=', name)
    .where('subject', '=', subject)
    .where('state', 'in', before) // protect: Q427
    .returning('state')
    .executeTakeFirst();
};
