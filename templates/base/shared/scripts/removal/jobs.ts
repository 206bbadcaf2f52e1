import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Guard, withoutGuard } from './guards.ts';
import { type Noticed, type Proven, type Verdict, baseline, judge, likely } from './judge.ts';
import { scratchCopy, scratchFolder } from './scratch.ts';
import { type Environment, type FileRun, WarmWorker } from './warm-worker.ts';
import type { Task } from './worker.ts';

/** After so many guards a worker is replaced: modules are never unloaded, and its verdicts are confirmed. */
const guardsPerWorker = 30;

/** While every guard is in place, a test may take this many times the limit: a machine with much else to do is no finding. */
const patience = 6;

interface Unconfirmed {
  readonly guard: Guard;
  readonly noticedBy: Noticed;
}

/**
 * One copy of the project to break things in, and the warm process that tests it.
 *
 * Many guards share a process, so what one of them did to it could pass for the effect of the next. Therefore:
 * a verdict that is not ok counts only from a process in which nothing was taken out before; a process in which a test
 * hung, or which holds more open handles than the same tests leave with every guard in place, is not used again; and
 * before any process ends, the attacks that noticed something in it run there once more, on the code as it should be.
 * Where one does not pass now, or the process was lost, the verdict is `doubted`: that guard must be tried again, alone.
 *
 * Honest use always runs. Of the attacks those come first which are likely to notice; only when they do not, all run.
 * Alone, all run at once.
 */
export class Job {
  readonly #copy: string;
  readonly #env: Environment;
  readonly #flags: readonly string[];
  readonly #limit: number;
  #worker: WarmWorker | undefined;
  #guardsTaken = 0;
  #unconfirmed: Unconfirmed[] = [];
  readonly doubted: Guard[] = [];

  constructor(root: string, env: Environment, flags: readonly string[], limit: number) {
    this.#copy = scratchCopy(root);
    // What a test that is cut short leaves behind goes with the copy.
    const temporary = scratchFolder();
    this.#env = { ...env, ...Object.fromEntries(['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, temporary])) };
    this.#flags = flags;
    this.#limit = limit;
  }

  /** What the tests about `items` in `file` do while every guard is in place. */
  async proveFirst(file: string, items: readonly string[]): Promise<Proven> {
    const proven = await this.#prove(file, items);
    if (proven.broken === '' || this.#guardsTaken === 0) return proven;
    await this.renew();
    return this.#prove(file, items);
  }

  /** Takes a guard out and puts it back. `alone` does so in a new process, with every attack on its items. */
  async takeOut(guard: Guard, proven: readonly Proven[], alone = false): Promise<Verdict> {
    if (alone || this.#guardsTaken >= guardsPerWorker) await this.renew();
    this.#guardsTaken += 1;
    const { verdict, isSuspect } = await this.#takeOut(guard, proven, alone);
    if (!verdict.ok && !alone) return this.takeOut(guard, proven, true);
    if (verdict.noticedBy !== undefined && !alone) this.#unconfirmed.push({ guard, noticedBy: verdict.noticedBy });
    if (this.#worker === undefined) this.#lose();
    else if (isSuspect) await this.renew();
    return verdict;
  }

  /** Confirms what was noticed in the present process, and ends it. */
  async renew(): Promise<void> {
    for (const [file, verdicts] of Map.groupBy(this.#unconfirmed, ({ noticedBy }) => noticedBy.file)) {
      const { outcomes } = await this.#run({ file, names: honestUseAnd(verdicts.map(({ noticedBy }) => noticedBy.attack)) });
      const passed = new Set(outcomes.filter((outcome) => outcome.passed).map(({ name }) => name));
      this.doubted.push(...verdicts.filter(({ noticedBy }) => !passed.has(noticedBy.attack)).map(({ guard }) => guard));
    }
    this.#unconfirmed = [];
    this.#lose();
  }

  async #prove(file: string, items: readonly string[]): Promise<Proven> {
    const started = performance.now();
    const run = await this.#run({ file, names: honestUseAnd(items.map(attacksOn)), reach: true });
    return baseline(file, run, performance.now() - started);
  }

  async #takeOut(guard: Guard, proven: readonly Proven[], alone: boolean): Promise<{ readonly verdict: Verdict; readonly isSuspect: boolean }> {
    const path = join(this.#copy, guard.file);
    const source = readFileSync(path, 'utf8');
    let verdict: Verdict = { guard, ok: false, noticedBy: undefined, problem: 'nothing was tried' };
    let isSuspect = false;
    try {
      writeFileSync(path, withoutGuard(source, guard));
      for (const before of proven.toSorted((a, b) => a.ms - b.ms)) {
        const all = guard.items.map(attacksOn);
        const first = alone ? [] : likely(before, guard);
        for (const attacks of first.length === 0 ? [all] : [first, all]) {
          const run = await this.#run({ file: before.file, names: honestUseAnd(attacks), untilNoticed: true, limit: Math.max(this.#limit, before.slowest * patience) });
          isSuspect ||= run.left > before.left || run.outcomes.some(({ how }) => how === 'timeout');
          verdict = judge(guard, before, run);
          if (verdict.noticedBy !== undefined) return { verdict, isSuspect };
        }
      }
    } catch (error) {
      const problem = `cannot be taken out: ${error instanceof Error ? error.message : String(error)}`;
      verdict = { guard, ok: false, noticedBy: undefined, problem };
    } finally {
      writeFileSync(path, source);
    }
    return { verdict, isSuspect };
  }

  async #run(task: Partial<Task> & Pick<Task, 'file' | 'names'>): Promise<FileRun> {
    this.#worker ??= new WarmWorker(this.#copy, this.#env, this.#flags);
    const run = await this.#worker.run({ untilNoticed: false, reach: false, limit: this.#limit * patience, ...task });
    if (run.left === Infinity) this.#lose();
    return run;
  }

  /** Ends the process. What could have been confirmed in it is doubted. */
  #lose(): void {
    this.doubted.push(...this.#unconfirmed.map(({ guard }) => guard));
    this.#unconfirmed = [];
    this.#worker?.end();
    this.#worker = undefined;
    this.#guardsTaken = 0;
  }
}

const attacksOn = (item: string): string => `attack ${item}: `;

/** A pattern for the names of all benign uses, and of these attacks. */
const honestUseAnd = (attacks: readonly string[]): string => `^(${['benign: ', ...attacks].map((name) => RegExp.escape(name)).join('|')})`;

export const prepareJobs = (root: string, count: number, flags: readonly string[], limit: number): Job[] => {
  const { NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
  const env = { ...inherited, NODE_COMPILE_CACHE: scratchFolder() };
  const database = `test_run_${Date.now()}_removal_${process.pid}`;
  return Array.from({ length: count }, (_, index) => new Job(root, { ...env, TEST_DATABASE: `${database}_${index}` }, flags, limit));
};
