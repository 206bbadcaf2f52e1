import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** A copy of the project's source with rights as they should be, to loosen in a test. Its modules are linked. */
export const projectCopy = (): string => {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), 'file-permissions-'));
  after(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of ['src', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'), 'junction');
  mkdirSync(join(copy, 'data'), { mode: 0o700 });
  if (snapshot !== '') symlinkSync(snapshot, join(copy, 'data/snapshot'));
  if (masterKey !== '') copyFileSync(masterKey, join(copy, 'data/master.key'));
  return copy;
};

/** The prepared database of the embedded kind, when there is one: a new one takes seconds. */
const snapshot = process.env['PGLITE_SNAPSHOT'] ?? '';

/** The prepared key that the database of the tests belongs to, when there is one: a sandbox does not see where it is. */
const masterKey = process.env['MASTER_KEY_FILE'] ?? '';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Node process in `cwd`. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const prepared = snapshot === '' ? {} : { PGLITE_SNAPSHOT: join(cwd, 'data/snapshot') };
    const key = masterKey === '' ? {} : { MASTER_KEY_FILE: join(cwd, 'data/master.key') };
    const storage = process.env['STORAGE_DIR'] === undefined ? {} : { STORAGE_DIR: 'data/files' };
    const own = { ...process.env, ...prepared, ...key, ...storage, NODE_OPTIONS: '', NODE_TEST_CONTEXT: '', ...env };
    this.child = spawn(process.execPath, args, { cwd, env: own });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.ended = once(this.child, 'close').then(() => ({ code: this.child.exitCode, stdout: this.#stdout, stderr: this.#stderr }));
    after(() => this.child.kill('SIGKILL'));
  }

  /**
   * Resolves with what the pattern captured as soon as the process wrote it.
   * @throws Error with what it wrote instead, when it ends before.
   */
  async wrote(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#stdout);
      if (found !== null) return found[1] ?? '';
      const more = await Promise.race([once(this.child.stdout ?? this.child, 'data'), this.ended]);
      if (!Array.isArray(more) && !pattern.test(this.#stdout)) throw new Error(`the process ended: ${this.#stdout}${this.#stderr}`);
    }
  }
}
