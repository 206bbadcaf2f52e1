/** A choice of protections, sorted. */
export type Choice = readonly string[];

/** Adds to a set of ids all that they need. */
export type Close = (ids: readonly string[]) => Choice;

/**
 * A small set of choices in which every pair of protections occurs in every way the requirements admit: both, either
 * alone, neither. Deterministic: the same catalogue gives the same choices.
 */
export const pairwiseCover = (ids: readonly string[], close: Close): Choice[] => {
  const candidates = candidatesOf(ids, close);
  const open = new Set(candidates.flatMap((choice) => [...situations(ids, choice)]));
  const chosen: Choice[] = [];
  while (open.size > 0) {
    const gain = (choice: Choice): number => [...situations(ids, choice)].filter((situation) => open.has(situation)).length;
    const best = candidates.reduce((left, right) => (gain(right) > gain(left) ? right : left));
    chosen.push(best);
    for (const situation of situations(ids, best)) open.delete(situation);
  }
  return chosen;
};

/** Closures of nothing, one, two; and everything without one, without two. Enough to show every pair in every way. */
const candidatesOf = (ids: readonly string[], close: Close): Choice[] => {
  const found = new Map<string, Choice>();
  const add = (choice: Choice): void => void found.set(choice.join(), choice);
  add(close([]));
  for (const first of ids) {
    for (const second of ids) {
      add(close([first, second]));
      add(ids.filter((id) => !close([id]).includes(first) && !close([id]).includes(second)));
    }
  }
  return [...found.values()].filter((choice) => close(choice).length === choice.length);
};

const situations = function* (ids: readonly string[], choice: Choice): Generator<string> {
  for (const [index, first] of ids.entries()) {
    for (const second of ids.slice(index + 1)) {
      yield `${first}:${choice.includes(first)} ${second}:${choice.includes(second)}`;
    }
  }
};
