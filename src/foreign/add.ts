import { posix } from 'node:path';
import type { Catalogue } from '../catalogue.ts';
import { type Changed, type ChangeRequest, type Planned, changeInstalled } from '../change.ts';
import { type ChangeSetting, withPorts } from '../change-command.ts';
import { sha256 } from '../digest.ts';
import { Refusal } from '../errors.ts';
import type { CommandLine } from '../flags.ts';
import { hostOf } from '../host.ts';
import { type Installed, installedAt, readerOf } from '../installed.ts';
import type { Put } from '../merge/tree.ts';
import { addEnv } from '../patch/env-example.ts';
import { CannotPatch } from '../patch/cannot-patch.ts';
import { type Outcome, besideMark, onlyInserts } from '../patch/outcome.ts';
import { commentOut } from '../patch/comment-out.ts';
import { addDependencies } from '../patch/package-json.ts';
import { addSections } from '../patch/security-md.ts';
import { wireApp } from '../patch/wire.ts';
import { type Options, type State, optionsOf } from '../plan.ts';
import { envExample, proseEnv } from '../render/env.ts';
import { isTerminal } from '../terminal.ts';
import { recover } from '../transaction.ts';
import type { Tree } from '../tree.ts';
import { foreignClosure } from './choice.ts';
import { emissionFrom } from './emission.ts';
import { askAbout, rivalsOf, settle } from './existing.ts';
import { type Findings, chooseApp, inspect, nameOf } from './inspect.ts';
import { type Candidate, candidatesIn } from './locate.ts';
import type { Placement } from './placement.ts';
import type { Present } from './present.ts';
import { type ForeignEmission, relativeImport, renderForeign } from './render.ts';
import { report } from './report.ts';
import { securitySections } from './security-page.ts';
import { Sources } from './source.ts';

/** What a person says of how protections are brought. */
export interface ForeignWish {
  readonly ids: readonly string[];
  /** Each `<protection>.<option>=<value>`. */
  readonly set: readonly string[];
  /** `src/app.ts#buildApp`, when it has to be said. */
  readonly app: string | undefined;
  readonly keep: readonly string[];
  readonly replace: readonly string[];
}

/** What a wish comes to in a repo. Nothing is written yet. */
export interface ForeignPlan extends Planned {
  readonly findings: Findings;
  readonly found: readonly string[];
  readonly patched: ReadonlyMap<string, Put>;
  readonly warnings: readonly string[];
}

/** Brings protections into a repo that was there before us: inspect -> render -> patch -> type-check -> commit. */
export const addToForeign = (request: ChangeRequest, ids: readonly string[], { values }: CommandLine, setting: ChangeSetting): Promise<Changed> =>
  withPorts(setting, async (ports) => {
    const { root } = request;
    if (!request.dryRun) recover(root, ports.disk, sha256);
    const mayAsk = !values.yes && !values.json && !request.dryRun && !hostOf(process.env, process.versions.node).isCi && isTerminal(0) && isTerminal(2);
    const ask = mayAsk ? (await import('../ask.ts')).chooseOne : undefined;
    const wish = { ids, set: values.set, app: values.app, keep: values.keep, replace: values.replace };
    const installed = installedAt(root);
    const plan = await planForeign(root, wish, installed, ports.catalogue, ask);
    for (const line of plan.found) setting.terminal.err(`  ${line}\n`);
    return changeInstalled(request, installed ?? nothingAt(root, plan.state), () => plan, ports);
  });

/** What stands for the lock of a repo that has none. */
const nothingAt = (root: string, state: State): Installed => ({ root, lock: { state: { ...state, protections: [], options: {} }, files: {} }, lockText: '', pending: [], read: readerOf(root) });

/**
 * Plans what brings protections to the repo at `root`.
 * @param ask chooses among the places where an app is made; absent without a terminal.
 * @throws UsageError, Refusal; CannotPatch when a place for our calls cannot be told.
 */
export const planForeign = async (root: string, wish: ForeignWish, installed: Installed | undefined, catalogue: Catalogue, ask?: (message: string, names: readonly string[]) => Promise<string>): Promise<ForeignPlan> => {
  const findings = inspect(root, catalogue.foreign.packages);
  assertWritable(findings);
  const earlier = installed?.lock.state;
  const candidate = await chooseApp(findings, wish.app ?? earlier?.foreign?.app, ask === undefined ? undefined : (names) => ask('Where is the app made that is to be protected?', names));
  const had = earlier?.protections ?? [];
  const asked = foreignClosure(wish.ids, catalogue);
  const fresh = asked.filter((id) => !had.includes(id)).flatMap((id) => catalogue.protections[id]?.manifest ?? []);
  const rivals = rivalsOf(fresh, findings);
  const { leftOut, replaced, notes } = settle(rivals, ask === undefined ? wish : await askAbout(rivals, wish, ask));
  const remaining = wish.ids.filter((id) => !leftOut.includes(id));
  if (remaining.length === 0) throw new Refusal(`Nothing is left to bring. ${notes.join(' ')}`);
  const protections = foreignClosure([...had, ...remaining], catalogue);
  const placement = earlier?.foreign ?? placementFor(findings, candidate);
  const options = optionsOf(protections, wish.set, catalogue, earlier?.options);
  const state = stateOf(findings, protections, options, placement, catalogue);
  const emission = renderForeign(state, placement, catalogue);
  if (installed === undefined) assertFree(findings, emission.tree);
  const advice = emission.protections.filter(({ id }) => !had.includes(id)).flatMap(({ foreign }) => foreign?.notes ?? []);
  return { findings, found: report(findings, candidate), state, emission: emissionFrom(emission), patched: patches(findings, candidate, placement, emission, replaced, catalogue), warnings: [...notes, ...advice] };
};

/** The folder of ours: beside the app file, or where `src` begins when that is a folder of an app's own. */
const placementFor = ({ tests, ending, style }: Findings, candidate: Candidate): Placement => {
  const [top = ''] = candidate.file.split('/');
  const home = candidate.file.includes('/') && ['src', 'source', 'lib', 'app', 'server'].includes(top) ? top : posix.dirname(candidate.file);
  return {
    home: posix.join(home, 'secure-app'),
    tests: posix.join(tests.folder.replace(/__tests__$/, 'tests'), 'secure-app'),
    suffix: tests.suffix,
    runner: tests.runner,
    ending,
    style,
    app: nameOf(candidate),
  };
};

const stateOf = ({ facts }: Findings, protections: readonly string[], options: Options, foreign: Placement, { version }: Catalogue): State => {
  const plain = facts.name.replace(/^@[^/]*\//, '').toLowerCase().replace(/[^a-z0-9._-]/g, '-').replace(/^[._-]+/, '').slice(0, 100);
  return { version, name: plain === '' ? 'app' : plain, target: facts.target, packageManager: facts.packageManager, pinNode: false, protections, options, foreign };
};

const patches = (findings: Findings, candidate: Candidate, placement: Placement, emission: ForeignEmission, replaced: readonly Present[], { versions }: Catalogue): ReadonlyMap<string, Put> => {
  const { repo, facts } = findings;
  const patched = new Map<string, Put>();
  const keep = (path: string, before: string | null, outcome: Outcome): void => {
    if (outcome.kind === 'cannot') throw new CannotPatch(outcome.why, outcome.paste);
    if (repo.isLinked(path)) throw new Refusal(`${path} is a symbolic link, or stands behind one; it is not written.`);
    if (before !== null && !onlyInserts(before, outcome.text)) throw new Refusal(`${path} would lose something that is yours; nothing was written. Please report this.`);
    if (outcome.kind === 'applied') patched.set(path, { text: outcome.text, before: patched.get(path)?.before ?? before });
  };

  for (const { name, file } of replaced) {
    const original = repo.read(file) ?? '';
    keep(file, original, besideMark(patched.get(file)?.text ?? original, (plain) => commentOut(new Sources().parseValid(file, plain), name)));
  }

  const before = repo.read(candidate.file) ?? '';
  const text = patched.get(candidate.file)?.text ?? before;
  const specifier = relativeImport(posix.dirname(candidate.file), posix.join(placement.home, 'index.ts'), placement.ending);
  const hasBindings = emission.protections.some(({ id }) => emission.tree.has(posix.join(placement.home, 'protections', id, `${facts.target}.ts`)));
  if (hasBindings) {
    const wantsLast = facts.target === 'express' && emission.protections.some(({ phase }) => phase === 'errors');
    const wired = besideMark(text, (plain) => {
      const source = new Sources().parseValid(candidate.file, plain);
      // What was commented out before it moves the app in the file.
      const place = candidatesIn(source, candidate.file, facts.target).find((each) => nameOf(each) === nameOf(candidate)) ?? candidate;
      return wireApp(source, { candidate: place, specifier, wantsLast, style: findings.style });
    });
    keep(candidate.file, before, wired);
  }

  const versioned = (names: readonly string[]): Map<string, string> => new Map(names.filter((name) => !facts.packages.has(name)).map((name) => [name, versions[name] ?? '*']));
  const needed = versioned(emission.packages.filter((name) => name !== facts.target));
  const packageFile = addDependencies(facts.text, 'dependencies', needed);
  if (packageFile.kind === 'cannot') throw new CannotPatch(packageFile.why, packageFile.paste);
  // A part of the runner itself has the version of the runner.
  const runnerVersion = facts.packages.get(placement.runner) ?? '*';
  const forTests = new Map(emission.testPackages.filter((name) => !facts.packages.has(name) && name !== facts.target).map((name) => [name, versions[name] ?? runnerVersion]));
  const withTests = addDependencies(packageFile.text, 'devDependencies', forTests);
  keep('package.json', facts.text, withTests.kind === 'already' ? packageFile : withTests);

  const example = ['.env.example', '.env.sample', 'env.example', '.env.template'].find((path) => repo.has(path)) ?? '.env.example';
  const exampleBefore = repo.read(example) ?? null;
  const entries = emission.env.filter(({ name }) => name !== 'NODE_ENV').map((variable) => ({ name: variable.name, text: envExample([proseEnv(variable)]).replace(/^[\s\S]*?\n\n# [^\n]*\n\n/, '') }));
  keep(example, exampleBefore, addEnv(exampleBefore ?? '', entries));

  const page = repo.has('SECURITY.md') || !repo.has('.github/SECURITY.md') ? 'SECURITY.md' : '.github/SECURITY.md';
  const pageBefore = repo.read(page) ?? null;
  const { title, sections } = securitySectionsOf(emission, placement);
  keep(page, pageBefore, addSections(pageBefore ?? '# Security\n', title, sections));
  return patched;
};

const securitySectionsOf = ({ protections, tree }: ForeignEmission, placement: Placement) => securitySections(protections, placement, new Set(tree.keys()));

/** Where every file has to be written in a way of its own, ours cannot be. */
const assertWritable = ({ system, tsconfig }: Findings): void => {
  if (system !== 'CommonJS' || !tsconfig.verbatimModuleSyntax) return;
  throw new Refusal(`${tsconfig.path} has verbatimModuleSyntax and the repo is CommonJS: its files may only be written with import = require() and export =, and what is brought is not. Set "type": "module" in package.json, or take verbatimModuleSyntax out. Nothing was changed.`);
};

/** What stands where a file of ours is to go was there before us, and stays. */
const assertFree = ({ repo }: Findings, tree: Tree): void => {
  for (const [path, text] of tree) {
    const there = repo.read(path);
    if (there !== undefined && there !== text) throw new Refusal(`${path} is there already and is not what would be written. Move it away, and run this again.`);
    if (repo.isLinked(path)) throw new Refusal(`${path} stands behind a symbolic link; it is not written.`);
  }
};
