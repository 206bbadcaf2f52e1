import { posix } from 'node:path';
import type { Target } from '../manifest.ts';
import type { PackageFacts } from './package-facts.ts';
import type { Repo } from './repo.ts';
import type { TsconfigFacts } from './tsconfig-facts.ts';

/** Names that app files have, likeliest first. */
const names = ['app', 'server', 'index', 'main', 'build', 'buildApp', 'createApp', 'create-app', 'build-app', 'api'];
const folders = ['src', '', 'src/app', 'src/server', 'server', 'app', 'lib', 'api', 'source'];

export const isTest = (path: string): boolean => /(?:^|\/)(?:tests?|__tests__|spec|e2e|fixtures|examples?|__mocks__)\/|[.-](?:test|spec)\.[cm]?[tj]s$/.test(path);
export const isSource = (path: string): boolean => /\.[cm]?ts$/.test(path) && !/\.d\.[cm]?ts$/.test(path);

/** As many files as one person has in mind: what is further away from the entry is no place where an app is made. */
const most = 400;

const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([^"'\n]+)\1/g;

/** Files that are imported from `text`, as far as they are files of the repo. */
export const importsOf = (path: string, text: string, repo: Repo, { paths }: Pick<TsconfigFacts, 'paths'>): string[] =>
  [...text.matchAll(specifier)].flatMap(([, , to = '']) => {
    const alias = paths.find(([prefix]) => prefix !== '' && to.startsWith(prefix));
    const base = to.startsWith('.') ? posix.join(posix.dirname(path), to) : alias === undefined ? undefined : posix.join(alias[1], to.slice(alias[0].length));
    if (base === undefined || base.startsWith('..')) return [];
    const bare = base.replace(/\.([cm]?)js$/, '.$1ts');
    return [bare, `${base}.ts`, `${base}/index.ts`, base].find((file) => isSource(file) && repo.has(file)) ?? [];
  });

/** The files that the program is made of, from where it begins; those nearest first. */
export function* programFiles(repo: Repo, facts: PackageFacts, tsconfig: TsconfigFacts): Generator<readonly [path: string, text: string]> {
  const sourceOf = (path: string): string[] => {
    const bare = path.replace(/\.([cm]?)js$/, '.$1ts');
    return [bare, bare.replace(/^(?:dist|build|out|lib)\//, 'src/'), bare.replace(/^(?:dist|build|out|lib)\//, '')];
  };
  const usual = folders.flatMap((folder) => names.map((name) => posix.join(folder, `${name}.ts`)));
  const entries = [...facts.entries.flatMap(sourceOf), ...usual].filter((path) => isSource(path) && !isTest(path) && repo.has(path));
  const seen = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.shift(); path !== undefined && seen.size < most; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = repo.readIfUsable(path);
    if (text === undefined) continue;
    yield [path, text];
    waiting.push(...importsOf(path, text, repo, tsconfig).filter((file) => !isTest(file)));
  }
}

/** Whether the text can make an app: only then it is read as syntax. */
export const mayMakeApp = (text: string, target: Target): boolean => new RegExp(`["']${target}["']|["'](?:@fastify/autoload|fastify-autoload)["']`).test(text);
