import type { ChangePorts, ChangeRequest, Changed } from './change.ts';
import type { CheckResult } from './pipeline.ts';

/** What was checked, and what a person should know. */
export interface Verified {
  readonly checks: readonly CheckResult[];
  readonly warnings: readonly string[];
}

/** Checks what is staged. */
export const verifyChange = async (_request: ChangeRequest, _planned: Changed, _ports: ChangePorts): Promise<Verified> => Promise.resolve({ checks: [], warnings: [] });
