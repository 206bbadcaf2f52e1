import { spawn } from 'node:child_process';
import { parseObject } from '#tests/support/json.ts';
import type { Outcome } from './reporter.ts';

/** How long a whole file may take, ms. */
const fileLimit = 120_000;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Which tests are run, and where. */
export interface Trial {
  readonly copy: string;
  readonly file: string;
  /** Only benign uses, and the attacks on these. */
  readonly items: readonly string[];
  readonly env: Environment;
  readonly flags: readonly string[];
  /** When true, the rest need not run. */
  readonly enough?: (outcomes: readonly Outcome[]) => boolean;
}

/** What a test file said. `complete` is false when it hung and was killed. */
export interface FileRun {
  readonly outcomes: readonly Outcome[];
  readonly complete: boolean;
  /** The last lines that the process wrote; for the report when nothing else explains it. */
  readonly output: string;
}

/** Runs tests of a scratch copy in a process of their own. */
export const runTests = async ({ copy, file, items, env, flags, enough = () => false }: Trial): Promise<FileRun> => {
  const outcomes: Outcome[] = [];
  const only = `--test-name-pattern=^(benign: |attack (${items.join('|')}): )`;
  const args = [...flags, only, '--test-reporter=./scripts/removal/reporter.ts', '--test-force-exit', file];
  const { ended, output } = await runNode(copy, args, env, ({ name, passed, how, message }) => {
    outcomes.push({ name: String(name), passed: passed === true, how: String(how), message: String(message) });
    return enough(outcomes);
  });
  return { outcomes, complete: ended, output };
};

/**
 * Prepares the services with the code of a scratch copy.
 * @param folder for their files.
 * @throws Error with the output when that fails.
 */
export const prepareIn = async (copy: string, folder: string, env: Environment): Promise<Environment> => {
  const prepared: Record<string, string>[] = [];
  const { ended, output } = await runNode(copy, ['scripts/removal/prepare.ts', folder], env, (variables) => {
    prepared.push(Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])));
    return false;
  });
  if (!ended || prepared[0] === undefined) throw new Error(`the services could not be prepared:\n${output}`);
  return prepared[0];
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

interface Ended {
  /** False when it hung and had to be killed. */
  readonly ended: boolean;
  readonly output: string;
}

/** Runs Node in `cwd`, in a process group of its own, until it ends or `heard` says that it has sent enough. */
const runNode = (cwd: string, args: readonly string[], env: Environment, heard: (message: Record<string, unknown>) => boolean): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    if (child.pid !== undefined) groups.add(child.pid);
    let output = '';
    let ended = true;
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message) => {
      if (heard(parseObject(JSON.stringify(message)))) child.kill('SIGKILL');
    });
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
