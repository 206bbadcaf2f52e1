import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseObject } from '#tests/support/json.ts';
import { type Outcome, parseOutcomes } from './reporter.ts';

/** How long a whole file may take, ms. */
const fileLimit = 120_000;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a test file said. `complete` is false when its process was killed or broke off. */
export interface FileRun {
  readonly outcomes: readonly Outcome[];
  readonly complete: boolean;
  /** The last lines that the process wrote; for the report when nothing else explains it. */
  readonly output: string;
}

/** Runs one test file of a scratch copy in a process of its own. */
export const runTests = async (copy: string, file: string, env: Environment, flags: readonly string[]): Promise<FileRun> => {
  const results = join(copy, '.removal-outcomes');
  rmSync(results, { force: true });
  const reporter = ['--test-reporter=./scripts/removal/reporter.ts', `--test-reporter-destination=${results}`];
  const { ended, output } = await runNode(copy, [...flags, ...reporter, '--test-force-exit', file], env);
  return { outcomes: existsSync(results) ? parseOutcomes(readFileSync(results, 'utf8')) : [], complete: ended, output };
};

/**
 * Prepares the services of a scratch copy once, for all test files that run in it.
 * @throws Error with the output when that fails.
 */
export const prepare = async (copy: string, env: Environment): Promise<Environment> => {
  const file = join(copy, '.removal-prepared');
  const { ended, output } = await runNode(copy, ['scripts/removal/prepare.ts', file], env);
  if (!ended || !existsSync(file)) throw new Error(`the services could not be prepared:\n${output}`);
  const prepared = Object.entries(parseObject(readFileSync(file, 'utf8'))).map(([name, value]) => [name, String(value)] as const);
  return { ...env, ...Object.fromEntries(prepared) };
};

const groups = new Set<number>();

/** What a test started can outlive it, above all when the guard that would have ended it is gone: its group ends with it. */
const endGroup = (leader: number | undefined): void => {
  if (leader === undefined || !groups.delete(leader)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it, or the system has no process groups.
  }
};

process.once('exit', () => groups.forEach(endGroup));

/** Runs Node in `cwd`, in a process group of its own; `ended` is false when it had to be killed. */
const runNode = (cwd: string, args: readonly string[], env: Environment): Promise<{ readonly ended: boolean; readonly output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (child.pid !== undefined) groups.add(child.pid);
    let output = '';
    let ended = true;
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      ended = false;
      child.kill('SIGKILL');
    }, fileLimit);
    child.on('error', reject);
    child.on('exit', () => endGroup(child.pid));
    child.on('close', () => {
      clearTimeout(timer);
      resolve({ ended, output });
    });
  });
