import type { LimitFacts } from './pages.ts';

type Entries = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Entries => typeof value === 'object' && value !== null;

/** The named limits that a file `limits.ts` of a protection declares, as `export const limits`. */
export const limitFacts = (loaded: unknown): LimitFacts[] => {
  const limits = isObject(loaded) ? loaded['limits'] : undefined;
  return isObject(limits) ? Object.entries(limits).map(([name, limit]) => limitFact(name, isObject(limit) ? limit : {})) : [];
};

const limitFact = (name: string, { by, limit, windowMs, whenStoreIsDown }: Entries): LimitFacts => ({
  name,
  by: String(by),
  limit: Number(limit),
  windowMs: Number(windowMs),
  whenStoreIsDown: String(whenStoreIsDown),
});
