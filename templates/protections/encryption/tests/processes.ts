import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const root = join(import.meta.dirname, '../../..');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs Node in this project. It is ended as soon as it writes what `until` matches. */
export const run = async (args: readonly string[], env: Readonly<Record<string, string>>, until = /"listening"/): Promise<Ended> => {
  const child = spawn(process.execPath, ['--disable-proto=delete', ...args], { cwd: root, env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: '', ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (until.test(output)) child.kill('SIGKILL');
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, output };
};

/** An empty folder for keys, removed when the file of tests ends. */
export const keyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'encryption-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
