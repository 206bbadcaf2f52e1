/** A choice of protections, sorted. */
export type Choice = readonly string[];

/** Adds to a set of ids all that they need. */
export type Close = (ids: readonly string[]) => Choice;

/** What is to be covered. */
export interface Goal {
  /** 2: every pair of protections occurs in every way that the requirements admit: both, either alone, neither. 3: triples. */
  readonly size: 2 | 3;
  /** Choices that are made anyway. */
  readonly known?: readonly Choice[];
  /** No more choices than this, the best first. */
  readonly most?: number;
}

/** A small set of choices that reaches a goal. Deterministic: the same catalogue gives the same choices. */
export const cover = (ids: readonly string[], close: Close, { size, known = [], most = Infinity }: Goal): Choice[] => {
  const candidates = candidatesOf(ids, close).map((choice) => ({ choice, shows: situations(ids, choice, size) }));
  const open = new Set(candidates.flatMap(({ shows }) => shows));
  for (const choice of known) for (const situation of situations(ids, choice, size)) open.delete(situation);
  const chosen: Choice[] = [];
  while (open.size > 0 && chosen.length < most) {
    const gains = candidates.map(({ shows }) => shows.filter((situation) => open.has(situation)).length);
    const best = candidates[gains.indexOf(Math.max(...gains))];
    if (best === undefined) break;
    chosen.push(best.choice);
    for (const situation of best.shows) open.delete(situation);
  }
  return chosen;
};

/** Closures of nothing, one, two; and everything without one, without two. Enough to show every pair in every way. */
const candidatesOf = (ids: readonly string[], close: Close): Choice[] => {
  const found = new Map<string, Choice>();
  const add = (choice: Choice): void => void found.set(choice.join(), choice);
  const closures = new Map(ids.map((id) => [id, new Set(close([id]))]));
  add(close([]));
  for (const first of ids) {
    for (const second of ids) {
      add(close([first, second]));
      add(ids.filter((id) => closures.get(id)?.has(first) !== true && closures.get(id)?.has(second) !== true));
    }
  }
  return [...found.values()].filter((choice) => close(choice).length === choice.length);
};

/**
 * Which of `size` protections are in a choice and which are not, for all of them: a number for each, whose digits say the
 * protections and, whether it is in, of each.
 */
const situations = (ids: readonly string[], choice: Choice, size: number): number[] => {
  const chosen = new Set(choice);
  const digits = ids.map((id, index) => 2 * index + (chosen.has(id) ? 1 : 0));
  const found: number[] = [];
  const visit = (start: number, left: number, number: number): void => {
    if (left === 0) found.push(number);
    else for (let index = start; index < ids.length; index += 1) visit(index + 1, left - 1, number * 2 * ids.length + (digits[index] ?? 0));
  };
  visit(0, size, 0);
  return found;
};
