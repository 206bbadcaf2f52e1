import { posix } from 'node:path';
import { Refusal } from '../errors.ts';
import { type Target, targets } from '../manifest.ts';
import { type PackageManager, packageManagerFacts, packageManagers } from '../package-manager.ts';
import { databases, runners } from './known-packages.ts';
import type { Repo } from './repo.ts';
import { isRecord } from '../is-record.ts';

export type Runner = 'vitest' | 'jest' | 'mocha' | 'tap' | 'node:test';

/** What package.json and its neighbours say. */
export interface PackageFacts {
  readonly name: string;
  readonly text: string;
  readonly target: Target;
  readonly major: number;
  readonly isModule: boolean;
  /** Every package that is depended on -> its range. */
  readonly packages: ReadonlyMap<string, string>;
  readonly packageManager: PackageManager;
  /** The path of this package in the monorepo around it; undefined when it stands alone. */
  readonly workspace: string | undefined;
  readonly runner: Runner | undefined;
  readonly database: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  /** Where the program begins, as far as package.json says it. */
  readonly entries: readonly string[];
  /** Prefixes that are mapped by `imports`. */
  readonly importMaps: readonly string[];
}

const supported: Readonly<Record<Target, readonly number[]>> = { fastify: [4, 5], express: [4, 5] };

type Json = Readonly<Record<string, unknown>>;
const textsOf = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : []))) : {};

/** The fields of a JSON object, without being told what it holds. */
export const readJson = (text: string, path: string): Json => {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(`${path} is not a JSON object.`);
};

/**
 * Reads package.json.
 * @throws Refusal when there is none, when it depends on neither framework, on both, or on a version that is not known.
 */
export const packageFacts = (repo: Repo): PackageFacts => {
  const text = repo.read('package.json');
  if (text === undefined) throw new Refusal(`${repo.root} has no package.json: run this in the folder of a server, or name it with --cwd.`);
  const data = readJson(text, 'package.json');
  const packages = new Map([data['devDependencies'], data['peerDependencies'], data['dependencies']].flatMap((part) => Object.entries(textsOf(part))));
  const [target, ...more] = targets.filter((known) => packages.has(known));
  if (target === undefined) throw new Refusal(noFramework(repo, data));
  if (more.length > 0) throw new Refusal(`package.json depends on ${[target, ...more].join(' and ')}: which of them is the server cannot be told. Split them into packages, or remove the one that is not used.`);
  const scripts = textsOf(data['scripts']);
  return {
    name: typeof data['name'] === 'string' ? data['name'] : '',
    text,
    target,
    major: majorOf(target, packages.get(target) ?? '', repo),
    isModule: data['type'] === 'module',
    packages,
    packageManager: packageManagerOf(repo, data),
    workspace: workspaceOf(repo),
    runner: runnerOf(packages, scripts),
    database: databases.find(({ package: name }) => packages.has(name))?.what,
    scripts,
    entries: entriesOf(data, scripts),
    importMaps: Object.keys(isRecord(data['imports']) ? data['imports'] : {}),
  };
};

/** Members of a monorepo are the likely place; only those that use a framework are named. */
const noFramework = (repo: Repo, data: Json): string => {
  const members = repo
    .files('', 5_000)
    .filter((path) => path.endsWith('/package.json'))
    .filter((path) => /"(?:fastify|express)"\s*:/.test(repo.readIfUsable(path) ?? ''))
    .map((path) => posix.dirname(path));
  const isMonorepo = data['workspaces'] !== undefined || repo.has('pnpm-workspace.yaml');
  if (members.length > 0) return `This is ${isMonorepo ? 'the root of a monorepo' : 'no server itself'}; say which package is meant: ${members.map((path) => `--cwd ${path}`).join(' or ')}.`;
  return 'package.json depends on neither fastify nor express: there is no server here that a protection could be brought to.';
};

const majorOf = (target: Target, range: string, repo: Repo): number => {
  const installed = repo.readIfUsable(`node_modules/${target}/package.json`);
  const version = (installed === undefined ? undefined : /"version"\s*:\s*"(\d+)\./.exec(installed)?.[1]) ?? /(\d+)/.exec(range.replace(/^npm:[^@]*@/, ''))?.[1];
  const major = Number(version ?? Number.NaN);
  if (!supported[target].includes(major)) throw new Refusal(`${target} ${range} is not supported: only ${target} ${supported[target].join(' and ')}.`);
  return major;
};

const above = function* (depth = 6): Generator<string> {
  for (let path = '', level = 0; level < depth; level += 1, path = posix.join('..', path)) yield path;
};

/** By `packageManager`, then by the nearest lock file, here or in a folder above. */
const packageManagerOf = (repo: Repo, data: Json): PackageManager => {
  const [named = ''] = (typeof data['packageManager'] === 'string' ? data['packageManager'] : '').split('@');
  const known = packageManagers.find((name) => name === named);
  if (known !== undefined) return known;
  for (const path of above()) {
    const found = packageManagers.find((name) => repo.has(posix.join(path, packageManagerFacts[name].lockFile)));
    if (found !== undefined) return found;
    if (repo.hasFolder(posix.join(path, '.git'))) break;
  }
  return 'npm';
};

/** The monorepo that lists this package stands in a folder above. Of what is up there only its name is read. */
const workspaceOf = (repo: Repo): string | undefined => {
  const parts = repo.root.split(/[/\\]/);
  for (let level = 1; level <= 5; level += 1) {
    const up = Array.from({ length: level }, () => '..').join('/');
    if (repo.has(`${up}/pnpm-workspace.yaml`) || repo.has(`${up}/lerna.json`) || repo.has(`${up}/nx.json`) || repo.has(`${up}/turbo.json`)) return parts.slice(-level).join('/');
    if (repo.hasFolder(`${up}/.git`)) return undefined;
  }
  return undefined;
};

const runnerOf = (packages: ReadonlyMap<string, string>, { test = '' }: Readonly<Record<string, string>>): Runner | undefined => {
  const named = runners.find(({ command }) => command.test(test));
  return (named ?? runners.find(({ package: name }) => packages.has(name)))?.runner;
};

const entriesOf = (data: Json, scripts: Readonly<Record<string, string>>): string[] => {
  const inScripts = ['dev', 'start', 'start:dev', 'serve', 'build'].flatMap((name) => (scripts[name] ?? '').match(/[\w./-]+\.[cm]?[tj]s\b/g) ?? []);
  const main = typeof data['main'] === 'string' ? [data['main']] : [];
  return [...inScripts, ...main].map((path) => posix.normalize(path)).filter((path) => !path.startsWith('..'));
};
