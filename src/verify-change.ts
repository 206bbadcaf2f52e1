import { cpSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type ChangePorts, type ChangeRequest, type Changed, unresolved } from './change.ts';
import { kindOf, readIfThere } from './disk.ts';
import { Refusal } from './errors.ts';
import type { Put } from './merge/tree.ts';
import { packageManagerFacts } from './package-manager.ts';
import type { CheckResult } from './pipeline.ts';
import { placeOfChecks } from './transaction.ts';
import { sortedRecord } from './tree.ts';

/** What was checked, and what a person should know. */
export interface Verified {
  readonly checks: readonly CheckResult[];
  readonly warnings: readonly string[];
  /** Files that the project writes itself, as they are after the change: its lock file, pages written from its code. */
  readonly puts: ReadonlyMap<string, Put>;
  /** Whether what is installed no longer fits. */
  readonly installAfter: boolean;
}

const nothing: Verified = { checks: [], warnings: [], puts: new Map(), installAfter: false };

/** Never part of what is checked: large, machine-made, or secret. */
const leftOut = /^(?:node_modules|\.git|\.secure-app.*|data|dist|coverage|\.env(?!\.example$).*)$/;

/**
 * Checks a change in a copy of the app, where dependencies are installed: types, then tests and attacks.
 * @throws Refusal for a diagnostic that was not there before, and for a test that fails.
 */
export const verifyChange = async (request: ChangeRequest, planned: Changed, ports: ChangePorts): Promise<Verified> => {
  const { root, puts, removes, state } = planned;
  const concerned = [...puts.keys(), ...removes.keys()].filter((path) => !path.startsWith('.secure-app/') && path !== '.env');
  if (!request.verify || state.foreign !== undefined || concerned.length === 0) return nothing;
  if (unresolved(planned).length > 0) return { ...nothing, warnings: ['Not verified: there are conflicts.'] };
  const modules = installedModules(root);
  if (modules === undefined) return nothing;

  const scratch = placeOfChecks(root);
  copyProject(root, scratch, planned);
  const { run, results } = runner(request, scratch, ports);
  const { packageManager } = state;
  const { lockFile, install } = packageManagerFacts[packageManager];
  const found = new Map<string, Put>();
  const take = (path: string): void => {
    const [before, after] = [readIfThere(join(root, path)) ?? null, readIfThere(join(scratch, path))];
    const planToPut = puts.get(path);
    if (after !== undefined && after !== (planToPut?.text ?? before)) found.set(path, { ...(planToPut ?? { before }), text: after });
  };

  const outdated = dependenciesChanged(puts.get('package.json')) && (kindOf(join(root, lockFile)) !== undefined || lacksPackages(modules, puts.get('package.json')));
  if (outdated && !request.install) return { ...nothing, warnings: [`Not verified: other dependencies are needed now. ${packageManager} install`] };
  if (outdated) {
    await assertRuns(run, 'install', 'Installing dependencies', [packageManager, ...install]);
    take(lockFile);
  } else symlinkSync(modules, join(scratch, 'node_modules'), 'junction');

  const scripts = scriptsIn(join(scratch, 'package.json'));
  if (scripts.has('typecheck')) await checkTypes(run, root, [packageManager, 'run', 'typecheck']);
  if (scripts.has('docs') && kindOf(join(scratch, 'docs/security')) === 'directory') {
    await run(undefined, 'Writing the pages of docs/security', [packageManager, 'run', 'docs']);
    for (const name of readdirSync(join(scratch, 'docs/security'))) take(`docs/security/${name}`);
  }
  if (scripts.has('test')) await assertRuns(run, 'test', 'Running its tests and attacks', [packageManager, 'run', 'test']);
  return { checks: results, warnings: [], puts: found, installAfter: outdated };
};

/** The directory that packages are found in, here or above. */
const installedModules = (root: string): string | undefined => {
  for (let folder = root; ; folder = dirname(folder)) {
    if (kindOf(join(folder, 'node_modules/typescript')) !== undefined) return join(folder, 'node_modules');
    if (dirname(folder) === folder) return undefined;
  }
};

const copyProject = (root: string, scratch: string, { puts, removes }: Changed): void => {
  const isPart = (source: string): boolean => !leftOut.test(source.slice(source.lastIndexOf('/') + 1).slice(source.lastIndexOf('\\') + 1));
  for (const name of readdirSync(root)) {
    if (leftOut.test(name) || removes.has(name)) continue;
    cpSync(join(root, name), join(scratch, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => isPart(source) && !removes.has(source.slice(root.length + 1).replaceAll('\\', '/')),
    });
  }
  for (const path of puts.keys()) {
    if (path.startsWith('.secure-app/') || path === '.env') continue;
    cpSync(join(placeOfStaged(scratch), path), join(scratch, path), { recursive: true });
  }
};

/** What is staged stands beside the copy. */
const placeOfStaged = (scratch: string): string => join(dirname(scratch), 'new');

type Run = (check: CheckResult['check'] | undefined, title: string, command: readonly string[], directory?: string) => Promise<{ readonly failed: boolean; readonly output: string }>;

const runner = ({ verbose }: ChangeRequest, scratch: string, { env, signal, progress }: ChangePorts): { readonly run: Run; readonly results: CheckResult[] } => {
  const results: CheckResult[] = [];
  const run: Run = async (check, title, [file = '', ...args], directory = scratch) => {
    progress.started(title);
    const start = performance.now();
    const stream = verbose ? ['pipe' as const, process.stderr] : 'pipe';
    const result = await execa(file, args, { cwd: directory, env, extendEnv: false, stdin: 'ignore', stdout: stream, stderr: stream, all: true, reject: false, cancelSignal: signal, maxBuffer: 20_000_000 });
    const milliseconds = Math.round(performance.now() - start);
    progress.finished(title, milliseconds);
    if (check !== undefined && !result.failed) results.push({ check, milliseconds });
    return { failed: result.failed, output: typeof result.all === 'string' ? result.all : '' };
  };
  return { run, results };
};

const assertRuns = async (run: Run, check: CheckResult['check'], title: string, command: readonly string[]): Promise<void> => {
  const { failed, output } = await run(check, title, command);
  if (failed) throw new Refusal(`${title} failed: \`${command.join(' ')}\`. Nothing was changed. ${check === 'install' ? '--no-install' : '--no-verify'} leaves this out.`, tail(output));
};

/** Only what was not there before counts: somebody's app may have errors of its own. */
const checkTypes = async (run: Run, root: string, command: readonly string[]): Promise<void> => {
  const after = await run('typecheck', 'Checking types', command);
  if (!after.failed) return;
  const before = await run(undefined, 'Checking types as they were', command, root);
  const known = new Set(diagnosticsIn(before.output).map(({ key }) => key));
  const all = diagnosticsIn(after.output);
  const fresh = all.filter(({ key }) => !known.has(key));
  if (fresh.length === 0 && (all.length > 0 || before.failed)) return;
  const shown = fresh.length > 0 ? fresh.map(({ line }) => line).join('\n') : tail(after.output);
  throw new Refusal('With this change the types do not fit. Nothing was changed. --no-verify leaves this out.', shown);
};

const diagnosticsIn = (output: string): { readonly key: string; readonly line: string }[] =>
  output.split('\n').flatMap((line) => {
    const [, file, code, message] = /^(\S.*?)\(\d+,\d+\): error (TS\d+): (.*)$/.exec(line.trimEnd()) ?? [];
    return file === undefined ? [] : [{ key: `${file} ${code ?? ''} ${message ?? ''}`, line }];
  });

const tail = (output: string): string => output.trimEnd().split('\n').slice(-60).join('\n');

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {});

const parsed = (text: string | null): Readonly<Record<string, unknown>> => {
  try {
    return record(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
};

const dependenciesChanged = (put: Put | undefined): boolean => {
  if (put === undefined) return false;
  const [before, after] = [parsed(put.before), parsed(put.text)];
  return ['dependencies', 'devDependencies'].some((name) => JSON.stringify(sortedRecord(record(before[name]))) !== JSON.stringify(sortedRecord(record(after[name]))));
};

/** Whether a package is not installed, or in another version than is wanted exactly. */
const lacksPackages = (modules: string, put: Put | undefined): boolean => {
  const manifest = parsed(put?.text ?? null);
  return ['dependencies', 'devDependencies'].flatMap((name) => Object.entries(record(manifest[name]))).some(([name, wanted]) => {
    const version = parsed(readIfThere(join(modules, name, 'package.json')) ?? null)['version'];
    return version === undefined || (typeof wanted === 'string' && /^\d/.test(wanted) && version !== wanted);
  });
};

const scriptsIn = (file: string): ReadonlySet<string> => new Set(Object.keys(record(parsed(readFileSync(file, 'utf8'))['scripts'])));

/** Brings what is installed in line with what was committed. @returns a warning where it could not. */
export const installAfterwards = async ({ root, state }: Changed, { env, signal, progress }: ChangePorts): Promise<string[]> => {
  const { packageManager } = state;
  progress.started('Installing dependencies in place');
  const start = performance.now();
  const { failed } = await execa(packageManager, packageManagerFacts[packageManager].install, { cwd: root, env, extendEnv: false, stdin: 'ignore', reject: false, cancelSignal: signal });
  progress.finished('Installing dependencies in place', performance.now() - start);
  return failed ? [`The change is made, but \`${packageManager} install\` failed here: run it yourself.`] : [];
};
