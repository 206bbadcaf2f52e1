import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compare, printTable } from './measure.ts';

/** `npm run build && node bench/cli.ts [rounds] [node]`: the command line against `node -e 0`, in one run; `node` is the one to measure. */
const [rounds = '21', node = process.execPath] = process.argv.slice(2);
const cli = path.resolve(import.meta.dirname, '../bin/create-secure-app.js');
const scratch = mkdtempSync(path.join(tmpdir(), 'bench-cli-'));
const app = path.join(scratch, 'app');
const removeApp = (): void => rmSync(app, { recursive: true, force: true });
const create = (name: string, ...flags: string[]) => ({
  name,
  command: [node, cli, app, '--yes', '--no-install', '--no-git', '--no-verify', ...flags],
  reset: removeApp,
});

try {
  printTable(
    compare(
      [
        { name: 'node -e 0', command: [node, '-e', '0'] },
        { name: '--help', command: [node, cli, '--help'] },
        { name: '--version', command: [node, cli, '--version'] },
        { name: 'list', command: [node, cli, 'list'] },
        create('create, minimal preset', '--preset', 'minimal'),
        create('create, default preset'),
        create('create, every protection', '--preset', 'all'),
      ],
      Number(rounds),
    ),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
