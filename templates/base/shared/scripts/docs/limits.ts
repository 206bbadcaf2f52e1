import type { BusinessLimitFacts, LimitFacts } from './pages.ts';

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

/** The business limits that are declared by now, from a module that exports them as the map `businessLimits`. */
export const businessLimitFacts = (loaded: unknown): BusinessLimitFacts[] => {
  const declared = isObject(loaded) ? loaded['businessLimits'] : undefined;
  if (!(declared instanceof Map)) return [];
  const limits: ReadonlyMap<unknown, unknown> = declared;
  return [...limits.values()].filter(isObject).map(({ name, scope, maximum, windowMs }) => ({
    name: String(name),
    scope: String(scope),
    maximum: Number(maximum),
    windowMs: windowMs === undefined ? undefined : Number(windowMs),
  }));
};
