import { Refusal, UsageError } from '../errors.ts';
import { closest } from '../suggest.ts';
import { byText } from '../tree.ts';
import { isSource, isTest, mayMakeApp, programFiles } from './files.ts';
import { type Candidate, candidatesIn } from './locate.ts';
import { type PackageFacts, packageFacts } from './package-facts.ts';
import { Repo } from './repo.ts';
import { Sources } from './source.ts';
import { type Style, styleOf } from './style.ts';
import { type TestLayout, testLayoutOf } from './test-layout.ts';
import { type TsconfigFacts, tsconfigFacts } from './tsconfig-facts.ts';
import { type Present, presentIn } from './present.ts';

/** How the repo writes imports of its own files. */
export type ImportEnding = '.js' | '.ts' | '';

/** What a repo is, as far as it matters to a protection that is brought to it. */
export interface Findings {
  readonly repo: Repo;
  readonly facts: PackageFacts;
  readonly tsconfig: TsconfigFacts;
  readonly system: 'ESM' | 'CommonJS';
  readonly ending: ImportEnding;
  /** Prefixes of the path aliases that its imports use. */
  readonly aliasesUsed: readonly string[];
  readonly style: Style;
  readonly tests: TestLayout;
  readonly candidates: readonly Candidate[];
  readonly present: readonly Present[];
  /** The files that were read. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Finds out what a repo is. Reads; runs nothing of it.
 * @param packages what packages of the field do, by name.
 * @throws Refusal when it is no TypeScript server on Fastify or Express, or when a file cannot be read safely.
 */
export const inspect = (root: string, packages: Readonly<Record<string, string>>): Findings => {
  const repo = new Repo(root);
  const facts = packageFacts(repo);
  const tsconfig = tsconfigFacts(repo, facts.isModule);
  const sources = new Sources();
  const files = new Map<string, string>();
  const candidates: Candidate[] = [];
  const look = (path: string, text: string): void => {
    files.set(path, text);
    if (mayMakeApp(text, facts.target)) candidates.push(...candidatesIn(sources.parse(path, text), path, facts.target));
  };
  for (const [path, text] of programFiles(repo, facts, tsconfig)) look(path, text);
  if (candidates.length === 0) {
    for (const path of repo.files().filter((each) => isSource(each) && !isTest(each) && !files.has(each))) {
      const text = repo.readIfUsable(path);
      if (text !== undefined) look(path, text);
    }
  }
  const texts = [...files.values()];
  const sample = files.get(candidates[0]?.file ?? '') ?? texts[0] ?? '';
  return {
    repo,
    facts,
    tsconfig,
    system: systemOf(facts, tsconfig),
    ending: endingOf(texts, tsconfig, facts),
    aliasesUsed: tsconfig.paths.map(([prefix]) => prefix).filter((prefix) => texts.some((text) => text.includes(`'${prefix}`) || text.includes(`"${prefix}`))),
    style: styleOf(sample),
    tests: testLayoutOf(repo, facts),
    candidates,
    present: presentIn(files, sources, facts, packages),
    files,
  };
};

const systemOf = ({ isModule }: PackageFacts, { module }: TsconfigFacts): Findings['system'] => {
  if (module.startsWith('node')) return isModule ? 'ESM' : 'CommonJS';
  return module === 'commonjs' ? 'CommonJS' : 'ESM';
};

/** By what most relative imports end in; by what the compiler wants where there is none. */
const endingOf = (texts: readonly string[], tsconfig: TsconfigFacts, facts: PackageFacts): ImportEnding => {
  const count = { '.js': 0, '.ts': 0, '': 0 };
  for (const text of texts) {
    for (const [, , to = ''] of text.matchAll(/\bfrom\s*(["'])(\.{1,2}\/[^"'\n]+)\1/g)) {
      count[/\.[cm]?js$/.test(to) ? '.js' : /\.[cm]?ts$/.test(to) ? '.ts' : ''] += 1;
    }
  }
  const most = (['.js', '.ts', ''] as const).toSorted((a, b) => count[b] - count[a])[0] ?? '';
  if (count[most] > 0) return most;
  if (tsconfig.allowImportingTsExtensions || tsconfig.rewriteRelativeImportExtensions) return '.ts';
  return tsconfig.module.startsWith('node') && facts.isModule ? '.js' : '';
};

/** How `--app` names a candidate. */
export const nameOf = ({ file, name }: Candidate): string => `${file}#${name}`;

/**
 * The one place where the app is made.
 * @param choice what `--app` says: `src/app.ts#buildApp`, or the file alone.
 * @param ask chooses when several remain; without it that is an error.
 * @throws UsageError that lists the candidates; Refusal when there is none.
 */
export const chooseApp = async (found: Findings, choice: string | undefined, ask?: (names: readonly string[]) => Promise<string>): Promise<Candidate> => {
  const { candidates, facts } = found;
  const names = [...new Set(candidates.map(nameOf))].toSorted(byText);
  const list = names.map((name) => `--app ${name}`).join(' or ');
  if (candidates.length === 0) throw new Refusal(`No place was found where the app is made: no file calls ${facts.target}(). ${facts.target === 'fastify' ? 'A plugin that registers @fastify/autoload counts too.' : ''}`.trim());
  const matching = choice === undefined ? candidates : candidates.filter((each) => nameOf(each) === choice || each.file === choice);
  if (matching.length === 0) {
    const meant = closest(choice ?? '', names);
    throw new UsageError(`--app ${choice}: no app is made there. ${meant === undefined ? `Known: ${list}.` : `Did you mean --app ${meant}?`}`);
  }
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only;
  if (new Set(matching.map(nameOf)).size === 1) throw new Refusal(`${names.find((name) => name === choice || choice === undefined) ?? choice} makes several apps; which of them is meant cannot be said with --app. Put each into a function of its own.`);
  if (ask === undefined) throw new UsageError(`Apps are made in several places; say which is meant: ${list}.`);
  return chooseApp(found, await ask(names));
};

