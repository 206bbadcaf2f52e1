import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when the tests are over. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'supply-chain-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes files, given as text or as data for JSON. */
export const write = (folder: string, files: Readonly<Record<string, unknown>>): void => {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
};

export const run = (command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

/** npm as on a machine that nobody configured: what the project says is all that it knows. */
export const npmOf = (home: string) => {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_|_proxy$|^node_options$|^node_test_context$/i.test(name));
  const env = {
    ...Object.fromEntries(kept),
    HOME: home,
    npm_config_userconfig: join(home, 'no-npmrc'),
    npm_config_cache: join(home, 'cache'),
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
  };
  return (cwd: string, ...args: readonly string[]): Promise<Ran> => run('npm', args, cwd, env);
};
