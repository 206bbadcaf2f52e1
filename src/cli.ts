import { resolve } from 'node:path';
import type { NodePlopAPI } from 'node-plop';
import type { Assets } from './assets.ts';
import type { RenderProse } from './catalogue.ts';
import { hostWarnings, requestOf, runCreate, wishOf } from './create-command.ts';
import { kindOf } from './disk.ts';
import type { Doctors } from './doctor/check.ts';
import { Refusal, UsageError } from './errors.ts';
import { type CommandLine, helpText, parseCommandLine } from './flags.ts';
import { hostOf } from './host.ts';
import { loadCatalogue, loadNotes } from './packed.ts';
import { catalogueDocument, catalogueText, createdDocument, diffOf, explanation, explanationDocument, failureDocument, listing, success } from './report.ts';
import { unknown } from './suggest.ts';
import { type Terminal, isTerminal, terminalOf } from './terminal.ts';

/** The assets that the build put into `directory`. `load` loads a CommonJS module, as the `require` there does. */
export const assetsIn = (directory: string, load: (file: string) => { readonly renderProse: RenderProse; readonly doctors: Doctors }): Assets => ({
  catalogue: () => loadCatalogue(directory),
  prose: () => load(`${directory}/prose.js`).renderProse,
  notes: () => loadNotes(directory),
  doctors: () => load(`${directory}/doctors.js`).doctors,
});

/** Registers the verbs with somebody's plop. */
export const registerWith = async (plop: NodePlopAPI, assets: Assets): Promise<void> => {
  const { register } = await import('../generators/published.ts');
  register(plop, assets);
};

/** What a run of the command line works with. */
export interface Run {
  readonly line: CommandLine;
  readonly cwd: string;
  readonly assets: Assets;
  readonly terminal: Terminal;
}

/**
 * Runs the command line.
 * @returns the exit code: 0 done; 1 refused or failed, nothing was changed; 2 conflicts left; 3 bad usage; 4 `status` or `doctor` found something.
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
    else return (await verbs[verbOf(line.words)](run)) ?? 0;
    return 0;
  } catch (error) {
    return report(error, { command, wantsJson, isVerbose: argv.includes('--verbose'), terminal });
  }
};

const verbNames = ['list', 'explain', 'add', 'remove', 'upgrade', 'status', 'doctor'] as const;
type Verb = 'create' | (typeof verbNames)[number];

const verbOf = ([first]: readonly string[]): Verb => verbNames.find((name) => name === first) ?? 'create';

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
  const cwd = resolve(given ?? '.');
  if (kindOf(cwd) === undefined) throw new UsageError(`--cwd: ${cwd} does not exist.`);
  return cwd;
};

const print = ({ line, terminal }: Run, text: () => string, document: () => unknown): void =>
  terminal.out(line.values.json ? `${JSON.stringify(document(), null, 2)}\n` : text());

const runList = (run: Run): undefined => {
  if (run.line.words.length > 1) throw new UsageError('list takes no argument.');
  const catalogue = run.assets.catalogue();
  print(run, () => catalogueText(catalogue, run.terminal), () => catalogueDocument(catalogue));
};

const runExplain = (run: Run): undefined => {
  const [, id, ...more] = run.line.words;
  if (id === undefined || more.length > 0) throw new UsageError('Say which: create-secure-app explain <protection>. See: create-secure-app list');
  const { protections } = run.assets.catalogue();
  const part = Object.hasOwn(protections, id) ? protections[id] : undefined;
  if (part === undefined) throw new UsageError(unknown('explain', id, Object.keys(protections), 'protection'));
  print(run, () => explanation(part, run.terminal), () => explanationDocument(part));
};

const runCreateVerb = async (run: Run): Promise<number | undefined> => {
  const { line, terminal, assets, cwd } = run;
  if (line.values.undo) return runChangeVerb(run);
  const { values } = line;
  const host = hostOf(process.env, process.versions.node);
  const wish = wishOf(line, host);
  const warnings = hostWarnings(wish, host);
  for (const warning of warnings) terminal.err(`${warning}\n`);

  const mayAsk = !values.yes && !values.json && !wish.dryRun && !host.isCi && isTerminal(0) && isTerminal(2);
  const created = mayAsk
    ? await (await import('./by-plop.ts')).createByPlop({ wish, cwd, assets, terminal })
    : await runCreate(requestOf(wish, cwd), { assets, terminal, approve: () => Promise.resolve(true) });

  for (const warning of created.warnings) terminal.err(`${warning}\n`);
  print(
    run,
    () => (wish.dryRun ? (values.diff ? diffOf(created) : listing(created)) : success(created, cwd, terminal)),
    () => createdDocument(created, { cwd, dryRun: wish.dryRun, warnings }),
  );
  return undefined;
};

/** `add`, `remove`, `upgrade`: @returns 2 where conflicts are left. */
const runChangeVerb = async (run: Run): Promise<number> => (await import('./change-verbs.ts')).runChangeVerb(run);

const runStatusVerb = async (run: Run): Promise<number> => (await import('./status/status-command.ts')).runStatus(run);

const runDoctorVerb = async (run: Run): Promise<number> => (await import('./doctor/doctor-command.ts')).runDoctor(run);

/** Each gives its exit code, if that is not 0. */
const verbs: Readonly<Record<Verb, (run: Run) => undefined | Promise<number | undefined>>> = {
  create: runCreateVerb, list: runList, explain: runExplain, add: runChangeVerb, remove: runChangeVerb, upgrade: runChangeVerb, status: runStatusVerb, doctor: runDoctorVerb,
};
