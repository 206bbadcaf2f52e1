import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asciiJson } from '../scripts/build/assets.ts';
import { packed } from '../scripts/build/pack.ts';
import { readCatalogue, repositoryRoot } from '../scripts/catalogue/read.ts';
import type { Catalogue } from '../src/catalogue.ts';
import { sha256 } from '../src/digest.ts';
import { compare, printTable } from './measure.ts';

/**
 * `npm run build && node bench/upgrade.ts [rounds] [node]`: upgrade, add and status of an emitted app against `node -e 0`.
 * The later version differs in ten files, six of which the owner has edited.
 */
const [rounds = '21', node = process.execPath] = process.argv.slice(2);
const scratch = mkdtempSync(path.join(tmpdir(), 'bench-upgrade-'));
const [app, fresh, newer] = [path.join(scratch, 'app'), path.join(scratch, 'fresh'), path.join(scratch, 'newer')];
const cli = (root: string): string => path.join(root, 'bin/create-secure-app.js');

/** Files of what every app has; in a minimal app they are the first ten of it. */
const { catalogue } = await readCatalogue();
const own = Object.values(catalogue.protections)
  .filter(({ manifest }) => manifest.foundation === true)
  .flatMap(({ files }) => files.filter(({ path: file, target, text }) => text !== null && target === null && /^src\/.*\.ts$/.test(file) && !file.includes('/migrations/')))
  .slice(0, 10)
  .map(({ path: file }) => file);

const later = (): Catalogue => ({
  ...catalogue,
  version: '9.0.0',
  protections: Object.fromEntries(
    Object.entries(catalogue.protections).map(([id, part]) => {
      const files = part.files.map((file) => (own.includes(file.path) && file.text !== null ? { ...file, text: `${file.text}\n// Later.\n`, digest: sha256(`${file.text}\n// Later.\n`) } : file));
      return [id, { ...part, files }];
    }),
  ),
});

const build = (): void => {
  for (const folder of ['bin', 'dist', 'package.json']) cpSync(path.join(repositoryRoot, folder), path.join(newer, folder), { recursive: true });
  const { index, parts } = packed(later());
  writeFileSync(path.join(newer, 'dist/catalogue.json'), asciiJson(index));
  for (const [name, text] of parts) writeFileSync(path.join(newer, 'dist/parts', name), text);
};

const restore = (): void => {
  rmSync(app, { recursive: true, force: true });
  cpSync(fresh, app, { recursive: true });
};

try {
  build();
  execFileSync(node, [cli(repositoryRoot), fresh, '--yes', '--preset', 'minimal', '--no-install', '--no-git'], { stdio: 'ignore' });
  for (const file of own.slice(0, 6)) writeFileSync(path.join(fresh, file), `// Mine.\n${readFileSync(path.join(fresh, file), 'utf8')}`);
  restore();
  printTable(
    compare(
      [
        { name: 'node -e 0', command: [node, '-e', '0'] },
        { name: 'upgrade, nothing to do', command: [node, cli(repositoryRoot), 'upgrade', '--cwd', app, '--no-install'], reset: restore },
        { name: 'upgrade, 10 files changed, 6 merged', command: [node, cli(newer), 'upgrade', '--cwd', app, '--no-install'], reset: restore },
        { name: 'add csv', command: [node, cli(repositoryRoot), 'add', 'csv', '--cwd', app, '--no-install'], reset: restore },
        { name: 'status', command: [node, cli(repositoryRoot), 'status', '--cwd', app] },
      ],
      Number(rounds),
    ),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
