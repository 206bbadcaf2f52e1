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

type Checked = Pick<Findings, 'repo' | 'tsconfig' | 'facts'>;

const cannotFindModule = 2307;

/** TypeScript 6 has other defaults than the versions before it, and this repo may use one of those. */
const olderDefaults = (major: number): ts.CompilerOptions => (major >= 6 ? {} : { strict: false, types: ['*'], noUncheckedSideEffectImports: false, ignoreDeprecations: '6.0' });

const libFolder = '/node_modules/typescript/lib';

/** The declarations of the language itself, which the compiler carries along. */
const libraries = () => new Project({ useInMemoryFileSystem: true }).getModuleResolutionHost();

interface Setting {
  readonly options: ts.CompilerOptions;
  readonly files: readonly string[];
}

const settingOf = ({ repo, tsconfig, facts }: Checked): Setting => {
  const path = join(repo.root, tsconfig.path);
  const installed = /"version"\s*:\s*"(\d+)\./.exec(repo.readIfUsable('node_modules/typescript/package.json') ?? '')?.[1];
  const major = Number(installed ?? /(\d+)/.exec(facts.packages.get('typescript') ?? '5')?.[1] ?? 5);
  const read = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  const { options: own, fileNames } = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, repo.root, undefined, path);
  const missing = Object.fromEntries(Object.entries(olderDefaults(major)).filter(([name]) => own[name] === undefined));
  // Where output goes is nothing that a check without output has to know; a folder of tests may be outside of it.
  const { rootDir: _rootDir, outDir: _outDir, declarationDir: _declarationDir, tsBuildInfoFile: _tsBuildInfoFile, ...kept } = own;
  return { options: { ...missing, ...kept, noEmit: true, composite: false, incremental: false, declaration: false, declarationMap: false }, files: fileNames };
};

/** Compiles texts of a repo without writing: those that are staged stand in the place of those on disk. */
class Checker {
  readonly #options: ts.CompilerOptions;
  readonly #staged = new Map<string, string | null>();
  readonly #parsed = new Map<string, ts.SourceFile>();
  readonly #libraries = libraries();
  #last: ts.Program | undefined;

  constructor(options: ts.CompilerOptions) {
    this.#options = options;
  }

  /** @param text null for a file that goes away. */
  stage(file: string, text: string | null): void {
    this.#staged.set(file, text);
    this.#parsed.delete(file);
  }

  check(files: readonly string[]): readonly ts.Diagnostic[] {
    const program = ts.createProgram({ rootNames: files.filter((file) => this.#staged.get(file) !== null), options: this.#options, host: this.#host(), ...(this.#last === undefined ? {} : { oldProgram: this.#last }) });
    this.#last = program;
    return ts.getPreEmitDiagnostics(program);
  }

  #host(): ts.CompilerHost {
    const host = ts.createCompilerHost(this.#options);
    const folders = new Set([...this.#staged.keys()].flatMap((file) => file.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))));
    const readFile = (file: string): string | undefined => {
      const text = this.#staged.get(file);
      if (text !== undefined) return text ?? undefined;
      return file.startsWith(`${libFolder}/`) ? this.#libraries.readFile(file) : ts.sys.readFile(file);
    };
    return {
      ...host,
      readFile,
      fileExists: (file) => {
        const text = this.#staged.get(file);
        return text === undefined ? (file.startsWith(`${libFolder}/lib.`) ? this.#libraries.fileExists(file) : ts.sys.fileExists(file)) : text !== null;
      },
      directoryExists: (folder) => folders.has(folder) || ts.sys.directoryExists(folder),
      getDefaultLibLocation: () => libFolder,
      getDefaultLibFileName: (options) => `${libFolder}/${ts.getDefaultLibFileName(options)}`,
      getSourceFile: (file, version) => {
        const known = this.#parsed.get(file);
        if (known !== undefined) return known;
        const text = readFile(file);
        if (text === undefined) return undefined;
        const parsed = ts.createSourceFile(file, text, version);
        this.#parsed.set(file, parsed);
        return parsed;
      },
    };
  }
}

const complaintOf = ({ file, start = 0, code, messageText }: ts.Diagnostic, root: string): Complaint => ({
  file: (file?.fileName ?? '').replace(`${root}/`, ''),
  line: file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1,
  code,
  message: ts.flattenDiagnosticMessageText(messageText, ' '),
});

const keyOf = ({ file, code, message }: Complaint): string => `${file} ${code} ${message}`;

/**
 * Checks the staged texts against the repo's own tsconfig, in memory.
 * @param missing packages that package.json names and that are not installed: what the compiler does not know of them is no fault.
 * @returns the diagnostics that were not there before, and which packages could not be looked at.
 */
export const newComplaints = (
  found: Checked,
  staged: ReadonlyMap<string, string>,
  removed: readonly string[],
  missing: readonly string[],
): { readonly complaints: readonly Complaint[]; readonly unchecked: readonly string[] } => {
  const { root } = found.repo;
  const { options, files } = settingOf(found);
  const checker = new Checker(options);
  const complaints = (names: readonly string[]): Complaint[] => checker.check(names).map((diagnostic) => complaintOf(diagnostic, root));
  const before = new Set(complaints(files).map(keyOf));
  for (const [path, text] of staged) checker.stage(join(root, path), text);
  for (const path of removed) checker.stage(join(root, path), null);
  const ours = [...staged.keys()].filter((path) => /\.[cm]?ts$/.test(path)).map((path) => join(root, path));
  const after = complaints([...new Set([...files, ...ours])]).filter((complaint) => !before.has(keyOf(complaint)));
  const isAbout = ({ code, message }: Complaint, name: string): boolean => code === cannotFindModule && message.includes(`'${name}'`);
  return {
    complaints: after.filter((complaint) => !missing.some((name) => isAbout(complaint, name))),
    unchecked: missing.filter((name) => after.some((complaint) => isAbout(complaint, name))),
  };
};
