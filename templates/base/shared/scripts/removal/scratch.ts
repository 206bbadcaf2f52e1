import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const leftOut = new Set(['node_modules', '.git', 'data', 'dist']);
const open = new Set<string>();

/** A folder that is removed when the process ends, also by Ctrl-C. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'removal-'));
  open.add(folder);
  return folder;
};

/** A copy of the project to break things in; removed like any scratch folder. */
export const scratchCopy = (root: string): string => {
  const copy = scratchFolder();
  cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.has(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return copy;
};

const removeAll = (): void => {
  for (const copy of open) rmSync(copy, { recursive: true, force: true });
  open.clear();
};

process.on('exit', removeAll);
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) process.once(signal, () => process.exit(code));
