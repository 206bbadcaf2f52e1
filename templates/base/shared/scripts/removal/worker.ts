import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, mock, run } from 'node:test';
import { setTimeout as passing } from 'node:timers/promises';
import { importAnew } from './fresh-modules.ts';
import { type Outcome, failed, isAttack, passed } from './outcome.ts';
import { Reach } from './reach.ts';

// Started in a scratch copy by `warm-worker.ts`; runs tests of that copy for as long as it is asked to.

/** Which tests are run. */
export interface Task {
  readonly file: string;
  /** A pattern for their names. */
  readonly names: string;
  /** How long one test may take, ms. */
  readonly limit: number;
  /** Once an attack has failed, no other runs; honest use goes on. */
  readonly untilNoticed: boolean;
  /** Tell which guards each test reaches. */
  readonly reach: boolean;
}

/** What a worker says: one message for each test that ended, and a last one. */
export type Message = { readonly outcome: Outcome } | { readonly left: number } | { readonly unprepared: string };

const root = new URL('../../', import.meta.url);
const startAnew = importAnew(root.href);
const untouched = { env: { ...process.env }, umask: process.umask(0o077), folder: process.cwd() };
process.umask(untouched.umask);

const tell = (message: Message): void => void process.send?.(message);

const perform = async (task: Task): Promise<void> => {
  startAnew();
  const before = footprint();
  try {
    Object.assign(process.env, await prepared());
  } catch (error) {
    tell({ unprepared: error instanceof Error ? error.message : String(error) });
    return;
  }
  await runTests(task);
  putBack();
  tell({ left: await settled(before) });
};

/** The services of the scratch copy prepare themselves: what they do early is taken out with the guard that does it. */
const prepared = async (): Promise<Record<string, string>> => {
  const { prepareServices } = await import('#tests/support/services.ts');
  return prepareServices({ env: process.env, folder: mkdtempSync(join(tmpdir(), 'run-')) });
};

const runTests = async ({ file, names, limit, untilNoticed, reach: isAsked }: Task): Promise<void> => {
  const reach = isAsked ? new Reach(root) : undefined;
  let noticed = false;
  const isLeftOut = (name: string): boolean => noticed && isAttack(name);
  const ended = (outcome: Outcome): void => {
    if (isLeftOut(outcome.name)) return;
    tell({ outcome: reach === undefined ? outcome : { ...outcome, reached: reach.take() } });
    noticed = untilNoticed && (noticed || (isAttack(outcome.name) && !outcome.passed));
  };
  const tests = run({ isolation: 'none', files: [file], testNamePatterns: names, timeout: limit });
  beforeEach(({ name }) => {
    if (isLeftOut(name)) throw new Error('left out');
  });
  tests.on('test:pass', ({ name, details }) => ended(passed(name, details.duration_ms)));
  tests.on('test:fail', ({ name, details }) => ended(failed(name, details.duration_ms, details.error)));
  const end = once(tests.resume(), 'end');
  // The runner passes over a file that cannot be loaded. To load it twice does not run it twice.
  await import(new URL(file, root).href).catch((error: unknown) => ended(failed(file, 0, error)));
  // It ends when the process has nothing left to do, which would never be: this asks it to wait for the tests only.
  process.emit('beforeExit', 0);
  await end;
  reach?.stop();
};

/** What one run did to the process must not reach the next. */
const putBack = (): void => {
  mock.restoreAll();
  syncBuiltinESMExports();
  for (const name of Object.keys(process.env)) if (!(name in untouched.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, untouched.env);
  process.umask(untouched.umask);
  process.chdir(untouched.folder);
};

/** Errors that came when the test that caused them was over. */
let strays = 0;
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => (strays += 1));

/** How many servers, connections, timers, processes are open in this process, and listeners on it. */
const footprint = (): number => {
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  // The file of a Blob, such as the snapshot of the embedded database, is closed with the Blob: by the garbage collector.
  const handles = process.getActiveResourcesInfo().filter((kind) => kind !== 'FileHandleReadWrap');
  return strays + handles.length + listeners;
};

/** How much more there is than `before`, once what was being closed is closed. */
const settled = async (before: number): Promise<number> => {
  for (let patience = 20; patience > 0 && footprint() > before; patience -= 1) await passing(10);
  return Math.max(footprint() - before, 0);
};

const isTask = (message: unknown): message is Task => typeof message === 'object' && message !== null && 'file' in message;

process.on('message', (message) => {
  if (isTask(message)) void perform(message);
});
// Without the one that asks there is nothing to do.
process.on('disconnect', () => process.exit());
