import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Guard, findGuards, withoutGuard } from './removal/guards.ts';
import { type AttackFile, type Verdict, baseline, judge } from './removal/judge.ts';
import { type RemovalReport, asTable } from './removal/report.ts';
import { type Environment, prepare, runTests } from './removal/run-tests.ts';
import { scratchCopy } from './removal/scratch.ts';

// Takes the guards out one at a time, in copies of the project, and demands that an attack notices each while honest use
// still passes. A test that nothing turns red proves nothing.
const usage = 'npm run test:removal -- [--item Q441]... [--file src/path.ts]... [--jobs N] [--limit MS] [--json]';
const root = join(import.meta.dirname, '..');

/** What one job works with: a copy of the project, and the environment for its tests. */
interface Job {
  readonly copy: string;
  readonly env: Environment;
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      item: { type: 'string', multiple: true, default: [] },
      file: { type: 'string', multiple: true, default: [] },
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
  const report = await removeAll(values.item, values.file, Number(values.jobs), [...testFlags(), `--test-timeout=${values.limit}`]);
  console.log(values.json ? JSON.stringify(report, null, 2) : asTable(report));
  process.exitCode = report.ok ? 0 : 1;
};

const removeAll = async (onlyItems: readonly string[], onlyFiles: readonly string[], jobCount: number, flags: readonly string[]): Promise<RemovalReport> => {
  const all = findGuards(root);
  const guards = all.filter(
    ({ items, file }) => (onlyItems.length === 0 || items.some((item) => onlyItems.includes(item))) && (onlyFiles.length === 0 || onlyFiles.includes(file)),
  );
  const filtered = onlyItems.length + onlyFiles.length > 0;
  const wanted = new Set(guards.flatMap(({ items }) => items));
  const files = attackFiles().filter(({ items }) => !filtered || items.some((item) => wanted.has(item) || onlyItems.includes(item)));

  const jobs = await prepareJobs(Math.min(jobCount, Math.max(guards.length, 1)));
  const proven = await spread(jobs, files, async ({ copy, env }, { file }) => baseline(file, await runTests(copy, file, env, flags)));
  let done = 0;
  const verdicts = await spread(jobs, guards, async (job, guard) => {
    const verdict = await takeOut(job, guard, proven, flags);
    done += 1;
    process.stderr.write(`${done}/${guards.length} ${guard.items.join(', ')} ${guard.file}:${guard.line} ${verdict.ok ? 'ok' : verdict.problem}\n`);
    return verdict;
  });
  const gaps = gapsBetween(all, proven, (item) => !filtered || onlyItems.includes(item));
  return { ok: gaps.length === 0 && verdicts.every(({ ok }) => ok), verdicts, gaps };
};

/** The attack files and the items they claim. */
const attackFiles = () =>
  readdirSync(join(root, 'tests/attacks'))
    .filter((name) => name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => {
      const file = `tests/attacks/${name}`;
      const claims = readFileSync(join(root, file), 'utf8').matchAll(/\battack\(\s*'([A-Z]+\d+)'/g);
      return { file, items: [...new Set([...claims].map(([, item = '']) => item))] };
    });

/** The Node flags of `npm test`, without those of the test runner: the app is to be tested as it always is. */
const testFlags = (): string[] => {
  const command = /^\s*"test": "((?:[^"\\]|\\.)*)"/m.exec(readFileSync(join(root, 'package.json'), 'utf8'))?.[1] ?? '';
  return command.split(' ').filter((word) => word.startsWith('--') && !word.startsWith('--test'));
};

const prepareJobs = async (count: number): Promise<Job[]> => {
  const copies = Array.from({ length: count }, () => scratchCopy(root));
  const { NODE_TEST_CONTEXT: _context, ...own } = process.env;
  const env = await prepare(copies[0] ?? root, { ...own, NODE_COMPILE_CACHE: join(copies[0] ?? root, '.removal-cache') });
  return copies.map((copy) => ({ copy, env }));
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

const takeOut = async ({ copy, env }: Job, guard: Guard, proven: readonly AttackFile[], flags: readonly string[]): Promise<Verdict> => {
  const path = join(copy, guard.file);
  const source = readFileSync(path, 'utf8');
  const concerned = proven.filter(({ attacks }) => attacks.some(({ item }) => guard.items.includes(item)));
  const failed = (problem: string): Verdict => ({ guard, ok: false, noticedBy: [], problem });
  if (concerned.length === 0) return { ...failed(`no attack in this project is about ${guard.items.join(', ')}`), ok: true, skipped: true };
  const broken = concerned.find((attacks) => attacks.broken !== '');
  if (broken !== undefined) return failed(`not tried: ${broken.file} is red`);
  try {
    writeFileSync(path, withoutGuard(source, guard));
    // Services and migrations act while the tests are prepared: what was prepared with the guard would hide its removal.
    const prepared = /^src\/(services|schema)\/|\/migrations\//.test(guard.file) ? await prepare(copy, env) : env;
    const runs = [];
    for (const attacks of concerned) runs.push({ attacks, run: await runTests(copy, attacks.file, prepared, flags) });
    return judge(guard, runs);
  } catch (error) {
    return failed(`cannot be taken out: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    writeFileSync(path, source);
  }
};

const gapsBetween = (guards: readonly Guard[], proven: readonly AttackFile[], asked: (item: string) => boolean): string[] => {
  const guarded = new Set(guards.flatMap(({ items }) => items));
  const attacked = new Set(proven.flatMap(({ attacks }) => attacks.map(({ item }) => item)));
  const unmarked = [...attacked].filter((item) => asked(item) && !guarded.has(item));
  return [
    ...proven.flatMap(({ broken }) => (broken === '' ? [] : [broken])),
    ...unmarked.map((item) => `${item} has attacks but no guard: nothing marks what they prove`),
  ];
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
