import { type Catalogue, foundation, protectionNeeds } from './catalogue.ts';
import { Refusal, UsageError } from './errors.ts';
import { foreignNeeds } from './foreign/choice.ts';
import { compareVersions } from './notes.ts';
import { type Needs, closure } from './order.ts';
import { type State, known, optionsOf } from './plan.ts';
import { sortedSet } from './tree.ts';

/**
 * The state with more protections, and what they require.
 * @throws UsageError for an id or a setting that does not exist.
 */
export const withMore = (state: State, ids: readonly string[], settings: readonly string[], catalogue: Catalogue): State => {
  if (ids.length === 0) throw new UsageError('Say which: create-secure-app add <protection...>. See: create-secure-app list');
  return restated(state, [...state.protections, ...known('add', ids, catalogue)], settings, catalogue);
};

/** What a removal leaves, and what it could take along. */
export interface Reduced {
  readonly state: State;
  /** The protections that go. */
  readonly removed: readonly string[];
  /** What those that go require and nothing else does; stays unless it is named as well. */
  readonly idle: readonly string[];
}

/**
 * The state without some protections. What they required stays: nobody's app loses a protection that nobody named.
 * @throws UsageError for what is not there, for what cannot be left out, and for what something that stays requires.
 */
export const withLess = (state: State, ids: readonly string[], { settings = [], withRequired = false }: { readonly settings?: readonly string[]; readonly withRequired?: boolean }, catalogue: Catalogue): Reduced => {
  if (ids.length === 0) throw new UsageError('Say which: create-secure-app remove <protection...>');
  assertKnown(state, catalogue);
  const named = known('remove', ids, catalogue);
  const absent = named.find((id) => !state.protections.includes(id));
  if (absent !== undefined) throw new UsageError(`remove ${absent}: this app does not have it. It has: ${state.protections.join(', ')}.`);
  const always = foundation(catalogue);
  const needed = named.find((id) => always.includes(id));
  if (needed !== undefined) throw new UsageError(`remove ${needed}: the skeleton itself stands on \`${needed}\`; it cannot be left out.`);
  const needs = needsOf(state, catalogue);
  const idleWithout = (gone: readonly string[]): string[] => {
    const below = closure(gone, needs).filter((id) => !gone.includes(id) && !always.includes(id) && state.protections.includes(id));
    const others = state.protections.filter((id) => !gone.includes(id) && !below.includes(id));
    const used = closure(others, needs);
    return below.filter((id) => !used.includes(id));
  };
  const idle = idleWithout(named);
  const removed = withRequired ? sortedSet([...named, ...idle]) : named;
  const left = state.protections.filter((id) => !removed.includes(id));
  for (const id of removed) {
    const users = left.filter((other) => closure([other], needs).includes(id));
    if (users.length === 0) continue;
    const names = users.map((user) => `\`${user}\``).join(', ');
    throw new UsageError(`remove ${id}: ${names} ${users.length === 1 ? 'needs' : 'need'} it. Remove ${users.length === 1 ? 'that' : 'those'} as well: create-secure-app remove ${[...removed, ...users].join(' ')}`);
  }
  return { state: restated(state, left, settings, catalogue), removed, idle: withRequired ? [] : idle };
};

/**
 * The same choice, as the templates of this tool have it.
 * @throws Refusal when the app is newer than this tool.
 */
export const withNewer = (state: State, settings: readonly string[], catalogue: Catalogue): State => restated(state, state.protections, settings, catalogue);

/** What each protection requires where the state stands. */
const needsOf = ({ foreign }: State, catalogue: Catalogue): Needs => (foreign === undefined ? protectionNeeds(catalogue) : foreignNeeds(catalogue));

const restated = (state: State, ids: readonly string[], settings: readonly string[], catalogue: Catalogue): State => {
  assertKnown(state, catalogue);
  const protections = closure(ids, needsOf(state, catalogue));
  return { ...state, version: catalogue.version, protections, options: optionsOf(protections, settings, catalogue, state.options) };
};

const assertKnown = (state: State, catalogue: Catalogue): void => {
  if (compareVersions(state.version, catalogue.version) > 0) {
    throw new Refusal(`This app was last changed by create-secure-app ${state.version}; this is ${catalogue.version}. Use the newer one: npx create-secure-app@latest`);
  }
  const unknown = state.protections.find((id) => !Object.hasOwn(catalogue.protections, id));
  if (unknown !== undefined) throw new Refusal(`This app has \`${unknown}\`, which create-secure-app ${catalogue.version} does not know.`);
};
