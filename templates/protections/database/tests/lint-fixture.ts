import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What the linter of this project says about a file: its exit code and its report. */
export const lint = async (source: string): Promise<{ readonly code: number; readonly report: string }> => {
  const folder = await mkdtemp(join(root, 'tests/lint-'));
  try {
    const file = join(folder, 'fixture.ts');
    await writeFile(file, source);
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    return await new Promise((resolve) => {
      execFile(process.execPath, [oxlint, '-c', '.oxlintrc.json', file], { cwd: root }, (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code), report: stdout });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
};
