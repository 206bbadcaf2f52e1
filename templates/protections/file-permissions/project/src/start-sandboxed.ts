import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError, assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/file-permissions/boot-check.ts';
import { companionNames } from '#src/protections/file-permissions/companion.ts';
import { sandboxFlags } from '#src/protections/file-permissions/sandbox.ts';
import { supervise } from '#src/protections/file-permissions/supervise.ts';

/**
 * Replaces this process by the server under the permission model of Node: the same process id, fewer rights. Where there are
 * companions it stays, and keeps them.
 */
const start = (): void => {
  const config = loadConfig(process.env);
  const facts = processFacts(config);
  // Here, because the sandboxed process cannot see the secret files any more.
  assertSafeStart([bootCheck], facts);
  const root = join(import.meta.dirname, '..');
  // A grant is for what exists when the process starts.
  for (const directory of config.WRITABLE_DIRS) mkdirSync(resolve(root, directory), { recursive: true, mode: 0o700 });
  // What an environment file says is in the environment already; the sandboxed process cannot read the file.
  const given = process.execArgv.filter((flag) => !flag.startsWith('--env-file'));
  const flags = [...given, ...sandboxFlags({ root, writable: config.WRITABLE_DIRS })];
  const server = join(root, 'src/server.ts');
  // The app cannot start its companions any more: the process that started it does.
  if (companionNames(root).length > 0) return supervise(root, flags, server, process.argv.slice(2));
  const command = [...flags, server, ...process.argv.slice(2)];
  // Windows cannot replace a process: there it starts a second one.
  if (process.platform !== 'win32') process.execve?.(process.execPath, [process.execPath, ...command], process.env);
  spawn(process.execPath, command, { stdio: 'inherit' }).on('close', (code) => (process.exitCode = code ?? 1));
};

try {
  start();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
