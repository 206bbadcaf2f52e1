import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Runs the linter of this project over small files, given by name.
 * @returns for each file the rules that it broke, and whether a build with all of them would pass.
 */
export const lint = (
  files: Readonly<Record<string, string>>,
): { readonly passes: boolean; readonly rulesOf: (name: string) => string[] } => {
  const folder = mkdtempSync(join(root, 'lint-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), text);
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', '.oxlintrc.json', '-f', 'unix', folder],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    const lines = stdout.split('\n');
    return {
      passes: status === 0,
      rulesOf: (name) =>
        lines.filter((line) => line.includes(`/${name}.ts:`)).flatMap((line) => /\[Error\/([^\]]+)\]/.exec(line)?.[1] ?? []),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
