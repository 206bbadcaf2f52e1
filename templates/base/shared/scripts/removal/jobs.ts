import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Guard, withoutGuard } from './guards.ts';
import { type Noticed, type Proven, type Verdict, baseline, judge } from './judge.ts';
import { scratchCopy, scratchFolder } from './scratch.ts';
import { type Environment, type FileRun, WarmWorker } from './warm-worker.ts';

/** After so many guards a worker is replaced: modules are never unloaded, and its verdicts are confirmed. */
const guardsPerWorker = 30;

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
 * Where one does not pass now, or the process was lost, the verdict is `doubted`: that guard must be tried again.
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

  /** Takes a guard out and puts it back. `alone` does so in a new process. */
  async takeOut(guard: Guard, proven: readonly Proven[], alone = false): Promise<Verdict> {
    if (alone || this.#guardsTaken >= guardsPerWorker) await this.renew();
    const isFirst = this.#guardsTaken === 0;
    const verdict = await this.#takeOut(guard, proven);
    if (isFirst) return verdict;
    if (!verdict.ok) return this.takeOut(guard, proven, true);
    if (verdict.noticedBy !== undefined) this.#unconfirmed.push({ guard, noticedBy: verdict.noticedBy });
    return verdict;
  }

  /** Confirms what was noticed in the present process, and ends it. */
  async renew(): Promise<void> {
    const open = Map.groupBy(this.#unconfirmed, ({ noticedBy }) => noticedBy.file);
    for (const [file, verdicts] of open) {
      const attacks = new Set(verdicts.map(({ noticedBy }) => noticedBy.attack));
      const names = [...attacks].map((name) => RegExp.escape(name)).join('|');
      const { outcomes } = await this.#run({ file, names: `^(${names})$` });
      const passed = new Set(outcomes.filter((outcome) => outcome.passed).map(({ name }) => name));
      this.doubted.push(...verdicts.filter(({ noticedBy }) => !passed.has(noticedBy.attack)).map(({ guard }) => guard));
    }
    this.#unconfirmed = [];
    this.#end();
  }

  async #prove(file: string, items: readonly string[]): Promise<Proven> {
    const started = performance.now();
    const run = await this.#run({ file, names: testsAbout(items) });
    return baseline(file, run, performance.now() - started);
  }

  async #takeOut(guard: Guard, proven: readonly Proven[]): Promise<Verdict> {
    const path = join(this.#copy, guard.file);
    const source = readFileSync(path, 'utf8');
    const failed = (problem: string): Verdict => ({ guard, ok: false, noticedBy: undefined, problem });
    let verdict = failed('nothing was tried');
    let isSuspect = false;
    try {
      writeFileSync(path, withoutGuard(source, guard));
      this.#guardsTaken += 1;
      for (const before of proven.toSorted((a, b) => a.ms - b.ms)) {
        const run = await this.#run({ file: before.file, names: testsAbout(guard.items), proven: { benign: before.benign } });
        isSuspect ||= run.left > before.left || run.outcomes.some(({ how }) => how === 'timeout');
        verdict = judge(guard, before, run);
        if (verdict.noticedBy !== undefined) break;
      }
    } catch (error) {
      verdict = failed(`cannot be taken out: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      writeFileSync(path, source);
    }
    if (isSuspect) await this.renew();
    return verdict;
  }

  async #run(task: Omit<Parameters<WarmWorker['run']>[0], 'limit'>): Promise<FileRun> {
    this.#worker ??= new WarmWorker(this.#copy, this.#env, this.#flags);
    const run = await this.#worker.run({ ...task, limit: this.#limit });
    if (run.left === Infinity) this.#lose();
    return run;
  }

  /** The process is gone with what could have been confirmed in it. */
  #lose(): void {
    this.doubted.push(...this.#unconfirmed.map(({ guard }) => guard));
    this.#unconfirmed = [];
    this.#end();
  }

  #end(): void {
    this.#worker?.end();
    this.#worker = undefined;
    this.#guardsTaken = 0;
  }
}

/** Benign uses, and the attacks on these items. */
const testsAbout = (items: readonly string[]): string => `^(benign: |attack (${items.join('|')}): )`;

export const prepareJobs = (root: string, count: number, flags: readonly string[], limit: number): Job[] => {
  const { NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
  const env = { ...inherited, NODE_COMPILE_CACHE: scratchFolder() };
  const database = `test_run_${Date.now()}_removal_${process.pid}`;
  return Array.from({ length: count }, (_, index) => new Job(root, { ...env, TEST_DATABASE: `${database}_${index}` }, flags, limit));
};
