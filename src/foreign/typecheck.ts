import { join } from 'node:path';
import { Project, ts } from 'ts-morph';
import type { Findings } from './inspect.ts';

/** What a compiler says of one place. */
export interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/** Packages that the change itself brings: as long as they are not installed, the compiler cannot know them. */
export type Missing = readonly string[];

const cannotFindModule = 2307;

/** TypeScript 6 has other defaults than the versions before it, and this repo may use one of those. */
const olderDefaults = (major: number): ts.CompilerOptions => (major >= 6 ? {} : { strict: false, types: ['*'], noUncheckedSideEffectImports: false, ignoreDeprecations: '6.0' });

type Checked = Pick<Findings, 'repo' | 'tsconfig' | 'facts'>;

const projectOf = ({ repo, tsconfig, facts }: Checked): Project => {
  const tsConfigFilePath = join(repo.root, tsconfig.path);
  const installed = /"version"\s*:\s*"(\d+)\./.exec(repo.readIfUsable('node_modules/typescript/package.json') ?? '')?.[1];
  const major = Number(installed ?? /(\d+)/.exec(facts.packages.get('typescript') ?? '5')?.[1] ?? 5);
  const read = ts.readConfigFile(tsConfigFilePath, (path) => ts.sys.readFile(path));
  const own = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, repo.root, undefined, tsConfigFilePath).options;
  const defaults = olderDefaults(major);
  const missing = Object.fromEntries(Object.entries(defaults).filter(([name]) => own[name] === undefined));
  // Where files go is nothing that a check without output has to know; a folder of tests may be outside.
  return new Project({ tsConfigFilePath, compilerOptions: { ...missing, noEmit: true, composite: false, incremental: false, declaration: false, declarationMap: false, rootDir: repo.root } });
};

const complaintsOf = (project: Project, root: string): Complaint[] =>
  project.getPreEmitDiagnostics().map((diagnostic) => {
    const text = diagnostic.getMessageText();
    return {
      file: (diagnostic.getSourceFile()?.getFilePath() ?? '').replace(`${root}/`, ''),
      line: diagnostic.getLineNumber() ?? 0,
      code: diagnostic.getCode(),
      message: typeof text === 'string' ? text : ts.flattenDiagnosticMessageText(text.compilerObject, ' '),
    };
  });

const keyOf = ({ file, code, message }: Complaint): string => `${file} ${code} ${message}`;

/**
 * Checks the staged texts against the repo's own tsconfig, in memory.
 * @returns the diagnostics that were not there before, and whether packages could not be looked at.
 */
export const newComplaints = (found: Checked, staged: ReadonlyMap<string, string>, removed: readonly string[], missing: Missing): { readonly complaints: readonly Complaint[]; readonly unchecked: readonly string[] } => {
  const { root } = found.repo;
  const project = projectOf(found);
  const before = new Set(complaintsOf(project, root).map(keyOf));
  for (const [path, text] of staged) if (/\.[cm]?ts$/.test(path)) project.createSourceFile(join(root, path), text, { overwrite: true });
  for (const path of removed) project.getSourceFile(join(root, path))?.forget();
  const after = complaintsOf(project, root).filter((complaint) => !before.has(keyOf(complaint)));
  const isUninstalled = ({ code, message }: Complaint): boolean => code === cannotFindModule && missing.some((name) => message.includes(`'${name}'`));
  return {
    complaints: after.filter((complaint) => !isUninstalled(complaint)),
    unchecked: missing.filter((name) => after.some(({ code, message }) => code === cannotFindModule && message.includes(`'${name}'`))),
  };
};
