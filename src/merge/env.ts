import type { Sides } from './sides.ts';

/** A variable with the comment above it, or other lines. */
interface Block {
  /** Empty for lines that set nothing. */
  readonly key: string;
  readonly text: string;
}

const setting = /^[ \t]*(?:#[ \t]?)?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/;

const blocksOf = (text: string): Block[] => {
  const blocks: Block[] = [];
  let lines = '';
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    lines += line;
    const [, key] = setting.exec(line) ?? [];
    // A heading of its own is not part of the comment of the variable below it.
    if (key !== undefined || line.trim() === '') {
      blocks.push({ key: key ?? '', text: lines });
      lines = '';
    }
  }
  return lines === '' ? blocks : [...blocks, { key: '', text: lines }];
};

/** Merges files of environment variables by name; lines that set nothing stay as ours has them. */
export const mergeEnv = (base: string, ours: string, theirs: string): Sides => {
  const [b, t] = [byKey(blocksOf(base)), byKey(blocksOf(theirs))];
  const mine = blocksOf(ours);
  const conflicts = new Map<string, string>();
  const names = new Set(mine.map(({ key }) => key));
  const changed = mine.flatMap((block): Block[] => {
    if (block.key === '') return [block];
    const [was, is] = [b.get(block.key), t.get(block.key)];
    if (was === is || block.text === is) return [block];
    if (block.text === was) return is === undefined ? [] : [{ ...block, text: is }];
    if (is !== undefined) conflicts.set(block.key, is);
    return [block];
  });
  const order = blocksOf(theirs);
  order.forEach(({ key, text }, index) => {
    if (key === '' || names.has(key) || b.has(key)) return;
    const before = order.slice(0, index).findLast((block) => block.key !== '' && changed.some((other) => other.key === block.key));
    const at = before === undefined ? -1 : changed.findLastIndex((block) => block.key === before.key);
    const place = at < 0 ? changed.length : at + 1;
    const above = changed[place - 1]?.text ?? '\n';
    const gap = above.endsWith('\n') ? (text.startsWith('#') && above.trim() !== '' ? '\n' : '') : '\n';
    changed.splice(place, 0, { key, text: `${gap}${text}` });
  });
  const whole = (blocks: readonly Block[]): string => blocks.map(({ text }) => text).join('');
  return { mine: whole(changed), theirs: whole(changed.map((block) => ({ ...block, text: conflicts.get(block.key) ?? block.text }))) };
};

const byKey = (blocks: readonly Block[]): ReadonlyMap<string, string> => new Map(blocks.filter(({ key }) => key !== '').map(({ key, text }) => [key, text]));
