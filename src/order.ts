import { type Phase, phases } from './manifest.ts';
import { byText } from './tree.ts';

/** What the order of protections depends on. */
export interface Ordered {
  readonly id: string;
  readonly phase: Phase;
  readonly requires?: readonly string[];
}

/** What needs what, by id. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/**
 * Everything that `ids` need, with them, sorted.
 * @throws Error for an id that `needs` does not know.
 */
export const closure = (ids: Iterable<string>, needs: Needs): string[] => {
  const found = new Set<string>();
  const visit = (id: string, from: string): void => {
    if (found.has(id)) return;
    const next = needs.get(id);
    if (next === undefined) throw new Error(`${from} requires \`${id}\`, which does not exist.`);
    found.add(id);
    for (const needed of next) visit(needed, `\`${id}\``);
  };
  for (const id of ids) visit(id, 'The choice');
  return [...found].toSorted(byText);
};

/**
 * Sorts so that each stands behind what it needs; among those that may come next, the smallest id comes first.
 * @throws Error that names the ring when there is one.
 */
export const byNeeds = (ids: readonly string[], needs: Needs): string[] => {
  const waiting = [...ids].toSorted(byText);
  const chosen = new Set(waiting);
  const placed: string[] = [];
  const isFree = (id: string): boolean => (needs.get(id) ?? []).every((needed) => !chosen.has(needed) || placed.includes(needed));
  while (waiting.length > 0) {
    const index = waiting.findIndex(isFree);
    if (index < 0) throw new Error(`These require each other in a ring: ${ringOf(waiting, needs).join(' -> ')}.`);
    placed.push(...waiting.splice(index, 1));
  }
  return placed;
};

/** The order of wiring: phase, then what is required, then id. */
export const wiringOrder = <T extends Ordered>(protections: readonly T[]): T[] => {
  const byId = new Map(protections.map((protection) => [protection.id, protection]));
  const needs: Needs = new Map(protections.map(({ id, requires = [] }) => [id, requires]));
  const order = byNeeds([...byId.keys()], needs);
  const inPhase = (phase: Phase): T[] =>
    byNeeds(order.filter((id) => byId.get(id)?.phase === phase), needs).flatMap((id) => byId.get(id) ?? []);
  return phases.flatMap(inPhase);
};

const ringOf = (waiting: readonly string[], needs: Needs): string[] => {
  const path: string[] = [];
  let id = waiting[0];
  while (id !== undefined && !path.includes(id)) {
    path.push(id);
    id = (needs.get(id) ?? []).find((needed) => waiting.includes(needed));
  }
  return id === undefined ? path : [...path.slice(path.indexOf(id)), id];
};
