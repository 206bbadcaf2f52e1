import { posix } from 'node:path';
import { Refusal } from '../errors.ts';
import type { Repo } from './repo.ts';

/** What the repo's own compiler options say. */
export interface TsconfigFacts {
  readonly path: string;
  /** As a person would say it: `strict`, `strict, exactOptionalPropertyTypes`, `not strict`. */
  readonly strictness: string;
  readonly module: string;
  readonly moduleResolution: string;
  readonly target: string;
  readonly verbatimModuleSyntax: boolean;
  readonly esModuleInterop: boolean;
  readonly allowImportingTsExtensions: boolean;
  readonly rewriteRelativeImportExtensions: boolean;
  /** Names of path aliases such as `@/*`. */
  readonly aliases: readonly string[];
  /** Prefix of an alias -> folder, for imports that are followed. */
  readonly paths: readonly (readonly [prefix: string, folder: string])[];
}

type Options = Readonly<Record<string, unknown>>;

/** A tsconfig is JSON with comments and commas. */
export const readJsonc = (text: string, path: string): Options => {
  const plain = text.replace(/^\uFEFF/, '').replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted?: string) => quoted ?? '').replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? '');
  try {
    const value: unknown = JSON.parse(plain);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  } catch {
    // Said below.
  }
  throw new Refusal(`${path} cannot be read: it is not JSON with comments.`);
};

const recordOf = (value: unknown): Options => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {});

/** Options with those of what a tsconfig extends, the nearest last. */
const optionsOf = (repo: Repo, path: string, depth = 0): Options => {
  const text = repo.readIfUsable(path);
  if (text === undefined || depth > 6) return {};
  const data = readJsonc(text, path);
  const parents = [data['extends']].flat().filter((parent) => typeof parent === 'string');
  const inherited = parents.map((parent) => {
    const file = parent.startsWith('.') ? posix.join(posix.dirname(path), parent) : posix.join('node_modules', parent);
    return optionsOf(repo, [file, `${file}.json`, `${file}/tsconfig.json`].find((each) => repo.has(each)) ?? file, depth + 1);
  });
  return Object.assign({}, ...inherited, recordOf(data['compilerOptions']));
};

const strictFlags = ['exactOptionalPropertyTypes', 'noUncheckedIndexedAccess', 'noPropertyAccessFromIndexSignature', 'noImplicitOverride'];

/**
 * Reads tsconfig.json.
 * @throws Refusal when there is none: without it nothing says what the code of this repo has to fulfil.
 */
export const tsconfigFacts = (repo: Repo, isModule: boolean): TsconfigFacts => {
  const path = 'tsconfig.json';
  if (repo.read(path) === undefined) {
    const hasTypeScript = repo.files('', 2_000).some((file) => /(?<!\.d)\.[cm]?ts$/.test(file));
    throw new Refusal(
      hasTypeScript
        ? 'There is no tsconfig.json beside package.json: what is brought is checked against it before anything is written. Add one (npx tsc --init), and run this again.'
        : 'This repo is JavaScript: there is no tsconfig.json and no TypeScript file. Protections are brought as TypeScript, and only to TypeScript repos. Rename the app file to .ts and add a tsconfig.json (npx tsc --init) first.',
    );
  }
  const options = optionsOf(repo, path);
  const word = (name: string): string => (typeof options[name] === 'string' ? options[name].toLowerCase() : '');
  const is = (name: string): boolean => options[name] === true;
  const module = word('module') || (isModule ? 'esnext' : 'commonjs');
  const baseUrl = typeof options['baseUrl'] === 'string' ? options['baseUrl'] : '.';
  const paths = Object.entries(recordOf(options['paths']));
  return {
    path,
    strictness: [options['strict'] === true ? 'strict' : 'not strict', ...strictFlags.filter(is)].join(', '),
    module,
    moduleResolution: word('moduleResolution') || (/^node(?:16|18|20|next)$/.test(module) ? module : 'bundler or node'),
    target: word('target') || 'default',
    verbatimModuleSyntax: is('verbatimModuleSyntax'),
    esModuleInterop: options['esModuleInterop'] !== false && (is('esModuleInterop') || is('allowSyntheticDefaultImports') || /^node|^preserve/.test(module)),
    allowImportingTsExtensions: is('allowImportingTsExtensions'),
    rewriteRelativeImportExtensions: is('rewriteRelativeImportExtensions'),
    aliases: paths.map(([name]) => name),
    paths: paths.flatMap(([name, value]) => {
      const [first] = Array.isArray(value) ? value : [];
      return typeof first === 'string' ? [[name.replace(/\*$/, ''), posix.join(baseUrl, first.replace(/\*$/, ''))] as const] : [];
    }),
  };
};
