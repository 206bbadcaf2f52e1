import { type ChildProcess, spawn } from 'node:child_process';
import type { Outcome } from './outcome.ts';
import type { Message, Task } from './worker.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a test file said. */
export interface FileRun {
  readonly outcomes: readonly Outcome[];
  /** False when it hung and was killed. */
  readonly complete: boolean;
  /** The last lines that were written; for the report when nothing else explains it. */
  readonly output: string;
  /** How many handles and listeners the tests left open in their process; infinite when the process is gone. */
  readonly left: number;
}

/** How long a worker may be silent behind the time limit of a test, ms: it loads, it prepares services. */
const patience = 20_000;

/** A process that has loaded the dependencies of the project, and runs tests of a scratch copy one file after another. */
export class WarmWorker {
  readonly #child: ChildProcess;
  #output = '';

  constructor(copy: string, env: Environment, flags: readonly string[]) {
    const args = [...flags, 'scripts/removal/worker.ts'];
    this.#child = spawn(process.execPath, args, { cwd: copy, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    if (this.#child.pid !== undefined) groups.add(this.#child.pid);
    const keep = (chunk: Buffer): void => void (this.#output = (this.#output + chunk.toString()).slice(-4000));
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  /** @throws Error when the services cannot be prepared. */
  async run(task: Task): Promise<FileRun> {
    this.#output = '';
    const outcomes: Outcome[] = [];
    const { complete, left } = await this.#ask(task, (outcome) => outcomes.push(outcome));
    if (left === Infinity) this.end();
    return { outcomes, complete, left, output: this.#output };
  }

  #ask(task: Task, heard: (outcome: Outcome) => void): Promise<Pick<FileRun, 'complete' | 'left'>> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const silent = setTimeout(() => finish(false, Infinity), task.limit + patience);
      const finish = (complete: boolean, left: number): void => {
        clearTimeout(silent);
        child.off('message', listen).off('close', gone).off('error', reject);
        resolve({ complete, left });
      };
      const gone = (): void => finish(true, Infinity);
      const listen = (message: unknown): void => {
        if (!isMessage(message)) return;
        silent.refresh();
        if ('outcome' in message) heard(message.outcome);
        else if ('left' in message) finish(true, message.left);
        else {
          reject(new Error(`the services could not be prepared: ${message.unprepared}`));
          finish(true, Infinity);
        }
      };
      child.on('message', listen).on('close', gone).on('error', reject);
      if (child.connected) child.send(task);
      else gone();
    });
  }

  /** Ends the process and whatever its tests started and left running. */
  end(): void {
    endGroup(this.#child.pid);
  }
}

/** The process at the other end is our own. */
const isMessage = (message: unknown): message is Message => typeof message === 'object' && message !== null;

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
