import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attackFiles, nodeFlagsOfTests } from './removal/attack-files.ts';
import { type Guard, findGuards } from './removal/guards.ts';
import { type Job, prepareJobs } from './removal/jobs.ts';
import type { Proven, Verdict } from './removal/judge.ts';
import { type RemovalReport, asTable } from './removal/report.ts';

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
      limit: { type: 'string', default: '5000' },
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
  const report = await removeAll(choice, Number(values.jobs), nodeFlagsOfTests(root), Number(values.limit));
  console.log(values.json ? JSON.stringify(report, null, 2) : asTable(report));
  process.exitCode = report.ok ? 0 : 1;
};

const removeAll = async ({ items, files, except }: Choice, jobCount: number, flags: readonly string[], limit: number): Promise<RemovalReport> => {
  const all = findGuards(root);
  const asked = (item: string): boolean => (items.length === 0 || items.includes(item)) && !except.includes(item);
  const inFile = (file: string): boolean => (files.length === 0 || files.includes(file)) && !except.includes(file);
  const guards = all.filter((guard) => guard.items.some(asked) && inFile(guard.file));
  const claims = attackFiles(root);
  const unmarked = [...new Set(claims.flatMap((file) => file.items))].filter((item) => !all.some((guard) => guard.items.includes(item)));
  const gaps = files.length > 0 ? [] : unmarked.filter(asked).map((item) => `${item} has attacks but no guard: nothing marks what they prove`);

  const concerned = (guard: Guard): string[] => claims.filter((file) => file.items.some((item) => guard.items.includes(item))).map(({ file }) => file);
  const baselines = new Map<string, Promise<Proven>>();
  const tried = async (job: Job, guard: Guard, alone: boolean): Promise<Verdict> => {
    const proven: Proven[] = [];
    for (const file of concerned(guard)) {
      const key = `${file} ${guard.items.join()}`;
      const before = baselines.get(key) ?? job.proveFirst(file, guard.items);
      baselines.set(key, before);
      proven.push(await before);
    }
    const failed = (problem: string): Verdict => ({ guard, ok: false, noticedBy: undefined, problem });
    if (proven.length === 0) return { ...failed(`no attack in this project is about ${guard.items.join(', ')}`), ok: true, skipped: true };
    const broken = proven.find((before) => before.broken !== '');
    return broken === undefined ? job.takeOut(guard, proven, alone) : failed(`not tried: ${broken.broken}`);
  };

  const queue = [...guards];
  const verdicts = new Map<Guard, Verdict>();
  const work = async (job: Job, index: number): Promise<void> => {
    // From both ends: neighbours need the same tests proven first, for which one job would wait while the other proves them.
    const next = (): Guard | undefined => (index % 2 === 0 ? queue.shift() : queue.pop());
    const attempt = async (guard: Guard, alone: boolean): Promise<void> => {
      const started = performance.now();
      const verdict = await tried(job, guard, alone);
      verdicts.set(guard, verdict);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stderr.write(`${verdicts.size}/${guards.length} ${guard.items.join(', ')} ${guard.file}:${guard.line} ${verdict.ok ? 'ok' : verdict.problem} (${seconds} s)\n`);
    };
    for (let guard = next(); guard !== undefined; guard = next()) await attempt(guard, false);
    await job.renew();
    for (const guard of job.doubted) await attempt(guard, true);
    await job.renew();
  };
  await Promise.all(prepareJobs(root, Math.min(jobCount, Math.max(guards.length, 1)), flags, limit).map(work));
  const inOrder = guards.flatMap((guard) => verdicts.get(guard) ?? []);
  return { ok: gaps.length === 0 && inOrder.every(({ ok }) => ok), verdicts: inOrder, gaps };
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
