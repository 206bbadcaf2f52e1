import { marksIn, mayHoldGuards } from '../../templates/base/shared/scripts/docs/marks.ts';
import { extentAt } from '../../templates/base/shared/scripts/removal/statement.ts';
import { type Token, tokenize } from '../../templates/base/shared/scripts/removal/tokens.ts';

/** A defence, or its proof, that is less than what was emitted. */
export interface Weakness {
  readonly kind: 'guard-gone' | 'guard-changed' | 'attack-gone' | 'attack-skipped' | 'proof-changed' | 'lock-tampered';
  /** Where it was emitted to. */
  readonly path: string;
  /** Ids of the catalogue. */
  readonly items: readonly string[];
  /** The guarding code or the name of the attack, as it was emitted. */
  readonly what: string;
}

/** A guard or an attack, and what tells it from another. */
interface Piece {
  readonly items: readonly string[];
  readonly what: string;
  readonly key: string;
}

/** The tokens alone: a formatter changes neither them nor, but for quotes and commas, what they say. */
const gist = (tokens: readonly Token[]): string =>
  tokens
    .map(({ kind, text }) => (kind === 'string' ? JSON.stringify(text.slice(1, -1).replaceAll(/\\(['"])/g, '$1')) : text))
    .filter((text, index, all) => text !== ';' && !(text === ',' && /^[)\]}]$/.test(all[index + 1] ?? '')))
    .join(' ');

const tokensOf = (text: string): readonly Token[] | undefined => {
  try {
    return tokenize(text);
  } catch {
    return undefined;
  }
};

const isCode = (path: string): boolean => /\.(?:[cm]?[jt]s)$/.test(path);

/** The marked guards of a file. One whose statement cannot be read is told by its line. */
export const guardPieces = (path: string, text: string): Piece[] =>
  marksIn(text).map(({ items, line, code, weaken }) => ({ items, what: code, key: `${items.join()}: ${weaken === undefined && isCode(path) ? statementAt(text, line) : gist(tokensOf(code) ?? []) || code}` }));

const statementAt = (text: string, line: number): string => {
  try {
    const { start, end } = extentAt(text, line);
    return gist(tokenize(text.slice(start, end)));
  } catch {
    return text.split('\n')[line - 1]?.trim() ?? '';
  }
};

/** `attack('Q441', 'name', ...)` as calls, not as what a comment says; with the words that keep a test from running. */
export const attackPieces = (text: string): (Piece & { readonly isSkipped: boolean })[] => {
  const tokens = tokensOf(text) ?? [];
  return tokens.flatMap((token, index) => {
    if (token.text !== 'attack' || tokens[index - 1]?.text === '.') return [];
    const isMember = tokens[index + 1]?.text === '.';
    const open = isMember ? index + 3 : index + 1;
    const call = tokens[open];
    if (call?.text !== '(') return [];
    const [item, comma, name] = tokens.slice(open + 1);
    if (item?.kind !== 'string' || comma?.text !== ',' || name === undefined || (name.kind !== 'string' && name.kind !== 'template')) return [];
    const what = name.text.slice(1, -1).replaceAll(/\\(['"`])/g, '$1');
    const body = tokens.slice(open, call.partner);
    return [{ items: [item.text.slice(1, -1)], what, key: `${item.text.slice(1, -1)}: ${what}`, isSkipped: isMember || body.some(isSkip) }];
  });
};

const isSkip = ({ text }: Token, index: number, all: readonly Token[]): boolean =>
  (text === 'skip' || text === 'todo') && ((all[index - 1]?.text === '.' && all[index + 1]?.text === '(') || (all[index + 1]?.text === ':' && all[index + 2]?.text !== 'false'));

/** What the tests of the app are run by: without it they could pass and prove nothing. */
const runsTests = new Set(['tests/support/attack.ts', 'tests/support/app.ts']);

/** A file as it was emitted, and as it is; `now` is undefined where it is gone. */
export interface Edited {
  readonly path: string;
  readonly base: string;
  readonly now: string | undefined;
}

/**
 * What was weakened in these files. What only moved to another file of the project is there still.
 * @param others texts of files beside those that were emitted, by path.
 */
export const weaknesses = (edited: readonly Edited[], others: ReadonlyMap<string, string>): Weakness[] => {
  const present = [...edited.flatMap(({ path, now }) => (now === undefined ? [] : [[path, now] as const])), ...others];
  const guards = counted(present.filter(([path]) => mayHoldGuards(path)).flatMap(([path, text]) => guardPieces(path, text).map(({ key }) => key)));
  const attacks = present.filter(([path]) => isCode(path)).flatMap(([, text]) => attackPieces(text));
  const running = counted(attacks.filter(({ isSkipped }) => !isSkipped).map(({ key }) => key));
  const written = counted(attacks.map(({ key }) => key));
  return edited.flatMap((file) => {
    const { path, base, now } = file;
    const marks = new Set(now === undefined ? [] : marksIn(now).map(({ items }) => items.join()));
    const lost = (mayHoldGuards(path) ? guardPieces(path, base) : []).filter(({ key }) => !take(guards, key));
    const unproven = attackPieces(base).filter(({ key, isSkipped }) => !isSkipped && !take(running, key));
    return [
      ...lost.map(({ items, what }): Weakness => ({ kind: marks.has(items.join()) ? 'guard-changed' : 'guard-gone', path, items, what })),
      ...unproven.map(({ items, what, key }): Weakness => ({ kind: take(written, key) ? 'attack-skipped' : 'attack-gone', path, items, what })),
      ...(runsTests.has(path) && (now === undefined || gist(tokensOf(now) ?? []) !== gist(tokensOf(base) ?? [])) ? [{ kind: 'proof-changed', path, items: [], what: 'what runs the tests' } as const] : []),
    ];
  });
};

const counted = (keys: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

const take = (counts: Map<string, number>, key: string): boolean => {
  const left = counts.get(key) ?? 0;
  if (left > 0) counts.set(key, left - 1);
  return left > 0;
};
