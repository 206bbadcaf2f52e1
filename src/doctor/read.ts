import { posix } from 'node:path';
import { ts } from 'ts-morph';
import { Refusal } from '../errors.ts';
import { isSource, isTest } from '../foreign/files.ts';
import { type PackageFacts, packageFacts } from '../foreign/package-facts.ts';
import { presentIn } from '../foreign/present.ts';
import { Repo } from '../foreign/repo.ts';
import { Sources } from '../foreign/source.ts';
import { tsconfigFacts } from '../foreign/tsconfig-facts.ts';
import { byText } from '../tree.ts';
import { isTransparent, wrapsTheApp } from './known-packages.ts';
import type { Repository } from './repository.ts';
import { SourceText } from './source-text.ts';
import { callsPackage, importedAs, methodOf } from './syntax.ts';

/** A file that was not looked at, and why. */
export interface Skipped {
  readonly file: string;
  readonly why: string;
}

/** A repo, as far as it was read. */
export interface ReadRepo {
  readonly facts: PackageFacts;
  readonly repository: Repository;
  readonly skipped: readonly Skipped[];
  /** Where the app is made, as far as that was found. */
  readonly app: Place;
  /** The files of the server: each is read anew and parsed when it comes. */
  readonly sources: () => Generator<SourceText>;
}

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Code that does not run where clients are answered. */
const isBeside = (path: string): boolean => /(?:^|\/)(?:seeds?|seeders?|mocks?|fixtures?|bench(?:marks?)?|examples?|stories|demos?|scripts?|tools?|migrations?|client|clients|frontend|web|public|www|browser|ui|docs?|e2e|cypress|playwright)\/|(?:^|[./-])(?:seed|mock|stories)\.[cm]?ts$|\.config\.[cm]?ts$|\.tsx$/.test(path);
const isPage = (text: string): boolean => /\bfrom\s*["'](?:react|react-dom|vue|svelte|@angular\/core|solid-js|preact)["'/]/.test(text);
const isEvidence = (path: string): boolean => /\.(?:[cm]?[jt]sx?)$/.test(path) && !/\.d\.[cm]?ts$/.test(path) && !isTest(path);
/** What answers in front of the app may set headers too. */
const isProxySetting = (path: string): boolean => /(?:^|\/)(?:nginx[^/]*|Caddyfile|_headers|vercel\.json|netlify\.toml|serverless\.ya?ml|haproxy[^/]*|traefik[^/]*|staticwebapp\.config\.json|fly\.toml|firebase\.json|app\.ya?ml)$|\.(?:conf|conf\.template|conf\.j2)$/i.test(path);

/** Larger than anything that a person wrote. */
const largest = 250_000;
const mostFiles = 20_000;

/**
 * Reads a repo. Every file is untrusted: links that lead out, files that are too large and such that do not parse are
 * left out and said.
 * @param packages what packages of the field do, by name.
 * @throws Refusal when it is no TypeScript server on Fastify or Express.
 */
export const readRepo = (root: string, packages: Readonly<Record<string, string>>): ReadRepo => {
  const repo = new Repo(root);
  const facts = packageFacts(repo);
  const paths = repo.files('', mostFiles);
  if (!paths.some((path) => isSource(path) && !isTest(path))) throw new Refusal('This repo has no TypeScript source: doctor reads TypeScript only.');
  const others = paths.filter((path) => path.endsWith('/package.json')).map((path) => posix.dirname(path));
  const isOurs = (path: string): boolean => !others.some((folder) => path.startsWith(`${folder}/`));

  const skipped: Skipped[] = [];
  if (paths.length >= mostFiles) skipped.push({ file: '.', why: `there are more than ${mostFiles} files; the others were not read` });
  const evidence: string[] = [];
  const server = new Map<string, string>();
  for (const path of paths) {
    if (!isEvidence(path) && !isProxySetting(path)) continue;
    const isServer = isSource(path) && !isTest(path) && !isBeside(path) && isOurs(path);
    const text = readText(repo, path, isServer ? skipped : []);
    if (text === undefined) continue;
    evidence.push(text);
    if (isServer && !isPage(text)) server.set(path, text);
  }

  const aliases = aliasesOf(repo, facts);
  const opaque = new Set([...facts.packages.keys()].filter(wrapsTheApp));
  let app: Place | undefined;
  for (const source of parsed(server, skipped)) {
    app ??= appIn(source, facts.target);
    for (const name of opaqueIn(source, packages, aliases)) opaque.add(name);
  }
  const present = new Set(presentIn(server, new Sources(), facts, packages).map(({ name }) => name));
  const repository: Repository = {
    target: facts.target,
    major: facts.major,
    packages: facts.packages,
    present,
    opaque: [...opaque, ...skipped.map(({ file }) => file)].toSorted(byText),
    mentions: remembering((pattern) => evidence.some((text) => pattern.test(text)) || Object.values(facts.scripts).some((script) => pattern.test(script))),
  };
  return {
    facts,
    repository,
    skipped,
    app: app ?? { file: 'package.json', line: 1 },
    sources: () => parsed(server, []),
  };
};

/** Every file asks the same of the whole repo. */
const remembering = (mentions: Repository['mentions']): Repository['mentions'] => {
  const known = new Map<string, boolean>();
  return (pattern) => {
    const key = String(pattern);
    const answer = known.get(key) ?? mentions(pattern);
    known.set(key, answer);
    return answer;
  };
};

const readText = (repo: Repo, path: string, skipped: Skipped[]): string | undefined => {
  try {
    const text = repo.read(path);
    if (text === undefined || text.length <= largest) return text;
    skipped.push({ file: path, why: `it has ${text.length} characters; files of more than ${largest} are not looked at` });
  } catch (error) {
    skipped.push({ file: path, why: error instanceof Error ? error.message : String(error) });
  }
  return undefined;
};

/** Files as syntax, one at a time: that of the last one is not kept. */
function* parsed(files: ReadonlyMap<string, string>, skipped: Skipped[]): Generator<SourceText> {
  for (const [path, text] of files) {
    const source = parse(path, text);
    if (typeof source !== 'string') yield source;
    else skipped.push({ file: path, why: source });
  }
}

const parse = (path: string, text: string): SourceText | string => {
  try {
    const source = new SourceText(path, text);
    return source.brokenAt === undefined ? source : `it has a syntax error in line ${source.brokenAt}`;
  } catch {
    return 'it is nested too deeply';
  }
};

/** Prefixes of imports that lead to files of the repo. */
const aliasesOf = (repo: Repo, { isModule, importMaps }: PackageFacts): readonly string[] => {
  try {
    return [...tsconfigFacts(repo, isModule).paths.map(([prefix]) => prefix).filter((prefix) => prefix !== ''), ...importMaps.map((name) => name.replace(/\*$/, ''))];
  } catch {
    return [];
  }
};

const appIn = (source: SourceText, target: string): Place | undefined => {
  const made = source.calls.find((call) => callsPackage(call, [target], ['default', 'fastify', 'Fastify', 'express']));
  return made === undefined ? undefined : { file: source.path, line: source.tree.getLineAndCharacterOfPosition(made.getStart()).line + 1 };
};

/** What an expression begins with: `helmet` of `helmet.hsts({ ... })`. */
const rootOf = (node: ts.Expression): ts.Expression => {
  let root = node;
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root) || ts.isAwaitExpression(root) || ts.isParenthesizedExpression(root) || ts.isAsExpression(root) || ts.isNewExpression(root)) root = root.expression;
  return root;
};

/** Packages that are given the app, or a place in it, and that nobody here knows. */
const opaqueIn = (source: SourceText, packages: Readonly<Record<string, string>>, aliases: readonly string[]): string[] =>
  source.calls.flatMap((call) => {
    const isRegistration = ['use', 'register'].includes(methodOf(call) ?? '');
    const takesApp = call.arguments.some((argument) => ts.isIdentifier(argument) && /^(?:app|server|fastify|api)$/i.test(argument.text));
    const parts = isRegistration ? call.arguments.map(rootOf) : takesApp ? [rootOf(call.expression)] : [];
    return parts.flatMap((part) => {
      const module = ts.isIdentifier(part) ? importedAs(part)?.module : undefined;
      if (module === undefined || Object.hasOwn(packages, module) || isTransparent(module) || aliases.some((prefix) => module.startsWith(prefix))) return [];
      if (!module.startsWith('.')) return [module];
      return posix.join(posix.dirname(source.path), module).startsWith('..') ? [module] : [];
    });
  });
