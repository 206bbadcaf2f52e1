import { byText } from './tree.ts';

/** `a`, `b` or `c`. */
export const oneOf = (values: readonly string[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;

/** The sentence for a word that nobody knows: what was meant, or what there is. */
export const unknown = (flag: string, word: string, knownWords: readonly string[], noun = 'value'): string => {
  const meant = closest(word, knownWords);
  const hint = meant === undefined ? `Known: ${[...knownWords].toSorted(byText).join(', ') || 'none'}.` : `Did you mean "${meant}"?`;
  return `${flag}: there is no ${noun} ${JSON.stringify(word.slice(0, 80))}. ${hint}`;
};

/** The known word that is few slips away, if there is one. */
export const closest = (word: string, knownWords: readonly string[]): string | undefined => {
  const limit = Math.max(1, Math.min(3, Math.floor(word.length / 2)));
  const scored = knownWords.map((candidate) => ({ candidate, slips: slips(word.slice(0, 80).toLowerCase(), candidate) }));
  const near = scored.filter((entry) => entry.slips <= limit).toSorted((a, b) => a.slips - b.slips || byText(a.candidate, b.candidate));
  return near[0]?.candidate ?? knownWords.find((candidate) => word.length >= 3 && candidate.startsWith(word));
};

/** How many letters were inserted, left out, replaced or swapped with their neighbour (optimal string alignment). */
const slips = (a: string, b: string): number => {
  const width = b.length + 1;
  const cost = Array.from({ length: (a.length + 1) * width }, () => 0);
  const at = (row: number, column: number): number => cost[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row += 1) {
    for (let column = 0; column <= b.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = row === 0 || column === 0 ? row + column : Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, replaced);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) best = Math.min(best, at(row - 2, column - 2) + 1);
      cost[row * width + column] = best;
    }
  }
  return cost.at(-1) ?? 0;
};
