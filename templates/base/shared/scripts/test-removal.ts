import { writeFileSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attackFiles, nodeFlagsOfTests } from './removal/attack-files.ts';
import { type Guard, findGuards, withoutGuard } from './removal/guards.ts';
import { type Job, prepareJobs } from './removal/jobs.ts';
import { type Proven, type Verdict, baseline, judge, noticed } from './removal/judge.ts';
import { type RemovalReport, asTable } from './removal/report.ts';
import { runTests } from './removal/run-tests.ts';

// Takes the guards out one at a time, in copies of the project, and demands that an attack on the guard's items notices
// each while honest use still passes. A test that nothing turns red proves nothing.
const usage = 'npm run test:removal -- [--item Q441]... [--file src/path.ts]... [--except Q401|src/path.ts]... [--jobs N] [--limit MS] [--json]';
const root = join(import.meta.dirname, '..');

/** What is to be taken out; empty lists choose everything. */
interface Choice {
  readonly items: readonly string[];
  readonly files: readonly string[];
  /** Items and files that are left alone. */
  readonly except: readonly string[];
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      item: { type: 'string', multiple: true, default: [] },
      file: { type: 'string', multiple: true, default: [] },
      except: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string', default: String(availableParallelism()) },
      limit: { type: 'string', default: '15000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || !/^[1-9]\d?$/.test(values.jobs) || !/^[1-9]\d{2,6}$/.test(values.limit)) {
    console.error(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const choice = { items: values.item, files: values.file, except: values.except };
  const report = await removeAll(choice, Number(values.jobs), [...nodeFlagsOfTests(root), `--test-timeout=${values.limit}`]);
  console.log(values.json ? JSON.stringify(report, null, 2) : asTable(report));
  process.exitCode = report.ok ? 0 : 1;
};

const removeAll = async ({ items, files, except }: Choice, jobCount: number, flags: readonly string[]): Promise<RemovalReport> => {
  const all = findGuards(root);
  const asked = (item: string): boolean => (items.length === 0 || items.includes(item)) && !except.includes(item);
  const inFile = (file: string): boolean => (files.length === 0 || files.includes(file)) && !except.includes(file);
  const guards = all.filter((guard) => guard.items.some(asked) && inFile(guard.file));
  const claims = attackFiles(root);
  const unmarked = [...new Set(claims.flatMap((file) => file.items))].filter((item) => !all.some((guard) => guard.items.includes(item)));
  const gaps = files.length > 0 ? [] : unmarked.filter(asked).map((item) => `${item} has attacks but no guard: nothing marks what they prove`);

  const baselines = new Map<string, Promise<Proven>>();
  let done = 0;
  const verdicts = await spread(await prepareJobs(root, Math.min(jobCount, Math.max(guards.length, 1))), guards, async (job, guard) => {
    const started = performance.now();
    const concerned = claims.filter((file) => file.items.some((item) => guard.items.includes(item))).map(({ file }) => file);
    const proven: Proven[] = [];
    for (const file of concerned) {
      const key = `${file} ${guard.items.join()}`;
      const before = baselines.get(key) ?? proveFirst(job, file, guard.items, flags);
      baselines.set(key, before);
      proven.push(await before);
    }
    const verdict = await takeOut(job, guard, proven, flags);
    done += 1;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`${done}/${guards.length} ${guard.items.join(', ')} ${guard.file}:${guard.line} ${verdict.ok ? 'ok' : verdict.problem} (${seconds} s)\n`);
    return verdict;
  });
  return { ok: gaps.length === 0 && verdicts.every(({ ok }) => ok), verdicts, gaps };
};

/** Works through `tasks` with every job at once; the answers keep the order of the tasks. */
const spread = async <T, R>(jobs: readonly Job[], tasks: readonly T[], work: (job: Job, task: T) => Promise<R>): Promise<R[]> => {
  const queue = tasks.entries();
  const answers: { index: number; answer: R }[] = [];
  await Promise.all(
    jobs.map(async (job) => {
      for (const [index, task] of queue) answers.push({ index, answer: await work(job, task) });
    }),
  );
  return answers.toSorted((a, b) => a.index - b.index).map(({ answer }) => answer);
};

/** What the tests about `items` in `file` do while every guard is in place. */
const proveFirst = async (job: Job, file: string, items: readonly string[], flags: readonly string[]): Promise<Proven> => {
  const started = performance.now();
  const run = await runTests({ copy: job.copy, file, items, env: await job.prepared(), flags });
  return baseline(file, run, performance.now() - started);
};

const takeOut = async (job: Job, guard: Guard, proven: readonly Proven[], flags: readonly string[]): Promise<Verdict> => {
  const path = join(job.copy, guard.file);
  const source = readFileSync(path, 'utf8');
  const failed = (problem: string): Verdict => ({ guard, ok: false, noticedBy: undefined, problem });
  if (proven.length === 0) return { ...failed(`no attack in this project is about ${guard.items.join(', ')}`), ok: true, skipped: true };
  const broken = proven.find((before) => before.broken !== '');
  if (broken !== undefined) return failed(`not tried: ${broken.broken}`);
  try {
    writeFileSync(path, withoutGuard(source, guard));
    const verdicts: Verdict[] = [];
    for (const before of proven.toSorted((a, b) => a.ms - b.ms)) {
      const env = await job.prepared(guard.file);
      const run = await runTests({ copy: job.copy, file: before.file, items: guard.items, env, flags, enough: (outcomes) => noticed(before, outcomes) });
      const verdict = judge(guard, before, run);
      verdicts.push(verdict);
      if (verdict.noticedBy !== undefined) break;
    }
    return verdicts.at(-1) ?? failed('nothing was tried');
  } catch (error) {
    return failed(`cannot be taken out: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    writeFileSync(path, source);
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
