import path from 'node:path';
import type { Assets } from './assets.ts';
import type { Stage } from './commit.ts';
import { kindOf, realDisk } from './disk.ts';
import { Refusal, UsageError } from './errors.ts';
import { type CommandLine, helpText, parseCommandLine } from './flags.ts';
import { canRunApp, hostOf, toolEnvironment } from './host.ts';
import { type CreateRequest, create } from './pipeline.ts';
import { minimumNode } from './render/package-json.ts';
import { catalogueDocument, catalogueText, createdDocument, diffOf, explanation, explanationDocument, failureDocument, listing, progressOn, success } from './report.ts';
import { unknown } from './suggest.ts';
import { type Terminal, isTerminal, terminalOf } from './terminal.ts';

/** What a run of the command line works with. */
interface Run {
  readonly line: CommandLine;
  readonly cwd: string;
  readonly assets: Assets;
  readonly terminal: Terminal;
}

/**
 * Runs the command line.
 * @returns the exit code: 0 done; 1 refused or failed, nothing was changed; 2 conflicts left; 3 bad usage.
 */
export const main = async (argv: readonly string[], assets: Assets): Promise<number> => {
  const { NO_COLOR: noColour = '', TERM: term } = process.env;
  const wantsJson = argv.includes('--json');
  const terminal = terminalOf({ colours: noColour === '' && term !== undefined && term !== 'dumb' && isTerminal(2) });
  let command = 'create';
  try {
    const line = parseCommandLine(argv);
    command = verbOf(line.words);
    const run: Run = { line, assets, terminal, cwd: workingDirectory(line.values.cwd) };
    if (line.values.help) terminal.out(helpText());
    else if (line.values.version) terminal.out(`${assets.catalogue().version}\n`);
    else await verbs[verbOf(line.words)](run);
    return 0;
  } catch (error) {
    return report(error, { command, wantsJson, isVerbose: argv.includes('--verbose'), terminal });
  }
};

type Verb = 'create' | 'list' | 'explain';

const verbOf = ([first]: readonly string[]): Verb => (first === 'list' || first === 'explain' ? first : 'create');

const report = (error: unknown, { command, wantsJson, isVerbose, terminal }: { command: string; wantsJson: boolean; isVerbose: boolean; terminal: Terminal }): number => {
  const failure = error instanceof UsageError || error instanceof Refusal ? error : unexpected(error, isVerbose);
  const output = failure instanceof Refusal ? failure.output : undefined;
  terminal.err(`${output === undefined || output === '' ? '' : `${output}\n\n`}create-secure-app: ${failure.message}\n`);
  if (wantsJson) terminal.out(`${JSON.stringify(failureDocument(command, failure), null, 2)}\n`);
  return failure.exitCode;
};

/** A fault of ours, or of the disk: say it, with its place when asked. */
const unexpected = (error: unknown, isVerbose: boolean): Refusal => {
  if (!(error instanceof Error)) return new Refusal(String(error));
  return new Refusal(error.message, isVerbose ? error.stack : undefined);
};

const workingDirectory = (given: string | undefined): string => {
  const cwd = path.resolve(given ?? '.');
  if (kindOf(cwd) === undefined) throw new UsageError(`--cwd: ${cwd} does not exist.`);
  return cwd;
};

const print = ({ line, terminal }: Run, text: () => string, document: () => unknown): void =>
  terminal.out(line.values.json ? `${JSON.stringify(document(), null, 2)}\n` : text());

const runList = (run: Run): void => {
  if (run.line.words.length > 1) throw new UsageError('list takes no argument.');
  const catalogue = run.assets.catalogue();
  print(run, () => catalogueText(catalogue, run.terminal), () => catalogueDocument(catalogue));
};

const runExplain = (run: Run): void => {
  const [, id, ...more] = run.line.words;
  if (id === undefined || more.length > 0) throw new UsageError('Say which: create-secure-app explain <protection>. See: create-secure-app list');
  const { protections } = run.assets.catalogue();
  const part = Object.hasOwn(protections, id) ? protections[id] : undefined;
  if (part === undefined) throw new UsageError(unknown('explain', id, Object.keys(protections), 'protection'));
  print(run, () => explanation(part, run.terminal), () => explanationDocument(part));
};

const runCreate = async (run: Run): Promise<void> => {
  const { line, terminal, assets, cwd } = run;
  const { values } = line;
  const host = hostOf(process.env, process.versions.node);
  const request = await requestOf(run, host);
  const warnings = request.pinNode
    ? [`Node ${host.nodeVersion} is older than ${minimumNode}, which the app needs: it brings its own as a development dependency, for its npm scripts.`]
    : [];
  for (const warning of warnings) terminal.err(`${warning}\n`);

  const { signal, hold, release } = interruption();
  const ports = { catalogue: assets.catalogue(), renderProse: assets.prose(), disk: realDisk, env: toolEnvironment(process.env), signal, hold, progress: progressOn(terminal) };
  try {
    const created = await create(request, ports);
    for (const warning of created.warnings) terminal.err(`${warning}\n`);
    print(
      run,
      () => (request.dryRun ? (values.diff ? diffOf(created) : listing(created)) : success(created, cwd, terminal)),
      () => createdDocument(created, { cwd, dryRun: request.dryRun, warnings }),
    );
  } finally {
    release();
  }
};

const requestOf = async ({ line, cwd }: Run, host: ReturnType<typeof hostOf>): Promise<CreateRequest> => {
  const { values, words } = line;
  if (words.length > 1) throw new UsageError(`One folder, please, not ${words.length}: ${words.slice(0, 3).map((word) => JSON.stringify(word.slice(0, 80))).join(', ')}.`);
  const [directory] = words;
  if (directory === undefined) throw new UsageError('Say which folder to create the app in: create-secure-app <dir>');
  const root = rootOf(directory, cwd);
  return {
    root,
    name: values.name ?? path.basename(root),
    target: values.target,
    preset: values.preset,
    with: values.with,
    without: values.without,
    set: values.set,
    packageManager: values.pm ?? host.packageManager,
    pinNode: !canRunApp(host.nodeVersion),
    dryRun: values['dry-run'] || values.diff,
    install: !values['no-install'],
    verify: !values['no-verify'],
    git: !values['no-git'],
    verbose: values.verbose,
  };
};

/**
 * The folder of the app.
 * @throws UsageError for a path that is not what it seems.
 */
export const rootOf = (directory: string, cwd: string): string => {
  const shown = JSON.stringify(directory.slice(0, 80));
  if (directory === '' || /[\0-\x1f\x7f\u202a-\u202e\u2066-\u2069]/.test(directory)) throw new UsageError(`${shown} is not the name of a folder.`);
  if (/[^/\\.][^/\\]*[/\\]\.\.(?:[/\\]|$)/.test(directory)) throw new UsageError(`${shown}: ".." may stand only at the start of a path.`);
  return path.resolve(cwd, directory);
};

/** Ctrl-C and its kin: the tools that run are stopped, what was prepared is removed, and the process ends as it was told to. */
const interruption = () => {
  const controller = new AbortController();
  let stage: Stage | undefined;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (name: NodeJS.Signals): void => {
    controller.abort();
    process.exitCode = 1;
    // The tools end by the same signal; a moment for them not to write where we remove.
    setTimeout(() => {
      stage?.discard();
      release();
      process.kill(process.pid, name);
    }, 100);
  };
  const release = (): void => {
    for (const name of signals) process.off(name, stop);
  };
  for (const name of signals) process.on(name, stop);
  return { signal: controller.signal, release, hold: (opened: Stage) => void (stage = opened) };
};

const verbs: Readonly<Record<Verb, (run: Run) => void | Promise<void>>> = { create: runCreate, list: runList, explain: runExplain };
