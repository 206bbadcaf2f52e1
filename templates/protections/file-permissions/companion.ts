import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const folderOf = (root: string): string => join(root, 'src/companions');

/** The programs in `src/companions/`: each reads bytes of strangers in a process of its own, beside the app. */
export const companionNames = (root: string): string[] => {
  try {
    return readdirSync(folderOf(root)).flatMap((file) => /^([a-z\d-]+)\.ts$/.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
};

/** A path, and every place that it leads to by links: Node looks at each of them on its way. */
const waysTo = (path: string): string[] =>
  lstatSync(path).isSymbolicLink() ? [path, ...waysTo(resolve(dirname(path), readlinkSync(path)))] : [path];

/**
 * Flags of Node for a companion: it reads its program and the modules, may load native code, and nothing else. No data, no
 * secrets, no other process; from Node 25 on no network either (ASVS V15.2.5).
 */
export const companionFlags = (root: string): string[] => [
  '--permission', // protect: Q437 ('--permission' -> '--permission-audit')
  '--allow-addons',
  '--max-old-space-size=256',
  ...[folderOf(root), join(root, 'package.json'), ...waysTo(join(root, 'node_modules'))].map((path) => `--allow-fs-read=${path}`),
  '--disable-warning=SecurityWarning',
];

/** What comes before the command where Linux lets this user have a network namespace: an empty one, without even loopback. */
const withoutNetwork = ['--user', '--net', '--'];

let isolates: boolean | undefined;

/** Whether the system takes the network away from companions. Asked once, since it costs a process. */
export const canIsolate = (): boolean =>
  (isolates ??= process.platform === 'linux' && spawnSync('unshare', [...withoutNetwork, 'true'], { stdio: 'ignore' }).status === 0);

/**
 * Starts a companion. It talks by messages, and its environment is empty: what it could give away, it was never told.
 * @param program its name, or for tests the path of another program.
 */
export const forkCompanion = (root: string, program: string, stdio: 'inherit' | 'pipe' = 'inherit'): ChildProcess => {
  const flags = companionFlags(root);
  const [execPath, execArgv] = canIsolate() ? ['unshare', [...withoutNetwork, process.execPath, ...flags]] : [process.execPath, flags];
  const file = program.includes('/') ? program : join(folderOf(root), `${program}.ts`);
  return fork(file, { execPath, execArgv, env: {}, cwd: root, serialization: 'advanced', stdio: ['ignore', stdio, stdio, 'ipc'] }); // protect: Q437 ( env: {}, -> )
};
