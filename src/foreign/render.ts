import { posix } from 'node:path';
import type { Catalogue, TemplateFile } from '../catalogue.ts';
import type { Protection } from '../manifest.ts';
import { wiringOrder } from '../order.ts';
import type { Options, State } from '../plan.ts';
import { camelCase, lines, list, literal, paragraphs, quoted } from '../render/code.ts';
import { type OwnedEnv, envModule } from '../render/env.ts';
import { type Tree, sortedTree } from '../tree.ts';
import { foreignRequires } from './choice.ts';
import type { Placement } from './placement.ts';
import { restyled } from './restyle.ts';

/** What a state is in a repo that was there before us. */
export interface ForeignEmission {
  readonly tree: Tree;
  /** Packages that its code imports. */
  readonly packages: readonly string[];
  /** Packages that only its tests import. */
  readonly testPackages: readonly string[];
  readonly env: readonly OwnedEnv[];
  /** In wiring order. */
  readonly protections: readonly Protection[];
}

type ForeignState = Pick<State, 'target' | 'protections' | 'options'>;

const entry = 'src/index.ts';

/**
 * Renders what is brought: of all templates those files that the bindings of the chosen protections reach by their imports,
 * on the skeleton for such repos, in the style of the repo. Pure.
 */
export const renderForeign = (state: ForeignState, placement: Placement, catalogue: Catalogue): ForeignEmission => {
  const chosen = state.protections.flatMap((id) => catalogue.protections[id]?.manifest ?? []);
  const protections = wiringOrder(chosen.map((manifest) => ({ ...manifest, requires: foreignRequires(manifest) })));
  const texts = textsOf(state, catalogue);
  const ids = protections.map(({ id }) => id);
  texts.set('src/protections/index.ts', registry(ids, state, texts, catalogue));
  texts.set('tests/support/runner.ts', runnerModule(placement));

  const tests = ids.flatMap((id) => (catalogue.foreign.protections[id] ?? []).map(({ path }) => path).filter((path) => path.startsWith('tests/attacks/')));
  const modules = protections.flatMap(({ id, foreign }) => (foreign?.modules ?? []).map((name) => `src/protections/${id}/${name}`));
  const envPath = 'src/config/env.ts';
  texts.set(envPath, '');
  const reached = reachedFrom([entry, ...modules, ...tests], texts);
  const words = new Set([...reached].flatMap((path) => texts.get(path)?.match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)*\b/g) ?? []));
  const env = envOf(protections, catalogue).filter(({ name }) => words.has(name));
  texts.set(envPath, envModule(env));
  for (const path of reachedFrom([envPath], texts)) reached.add(path);

  const place = placer(placement);
  const tree = [...reached].map((path): [string, string] => {
    const target = place(path);
    const text = reached.has(path) ? withImports(path, texts.get(path) ?? '', texts, place, placement) : '';
    return [target, restyled(target, text, placement.style)];
  });
  const packages = packagesOf([...reached].filter((path) => path.startsWith('src/')), texts);
  return {
    tree: sortedTree(tree),
    packages,
    testPackages: packagesOf([...reached].filter((path) => path.startsWith('tests/')), texts).filter((name) => !packages.includes(name)),
    env,
    protections,
  };
};

/** Every text that may be reached, by the path it has in an app of ours; those for such repos stand in the place of the others. */
const textsOf = ({ target }: ForeignState, { base, protections, foreign }: Catalogue): Map<string, string> => {
  const own = (files: readonly TemplateFile[]): [string, string][] =>
    files.flatMap((file): [string, string][] => (file.text !== null && file.path.endsWith('.ts') && (file.target === null || file.target === target) ? [[file.path, file.text]] : []));
  const ordinary = [base.files, ...Object.values(protections).map(({ files }) => files)].flatMap(own);
  return new Map([...ordinary, ...own(foreign.skeleton), ...Object.values(foreign.protections).flatMap(own)]);
};

const importPattern = /(\bfrom\s*|\bdeclare module\s*|\bimport\s*\(\s*|^import\s*)'([^'\n]+)'/gm;

/** Other names for what a template imports: an app that was there before us has a log of its own. */
const instead: Readonly<Record<string, string>> = { pino: '#src/http/log.ts' };

/** The path of an imported file; undefined for a package. */
const resolved = (from: string, specifier: string): string | undefined => {
  const name = Object.hasOwn(instead, specifier) ? (instead[specifier] ?? specifier) : specifier;
  if (name.startsWith('#')) return name.slice(1);
  return name.startsWith('.') ? posix.join(posix.dirname(from), name) : undefined;
};

const importsIn = (text: string): string[] => [...text.matchAll(importPattern)].map(([, , specifier = '']) => specifier);

const reachedFrom = (roots: readonly string[], texts: ReadonlyMap<string, string>): Set<string> => {
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    const text = texts.get(path);
    if (text === undefined) throw new Error(`No template brings ${path}.`);
    reached.add(path);
    waiting.push(...importsIn(text).flatMap((specifier) => resolved(path, specifier) ?? []));
  }
  return reached;
};

/** `@scope/name/part` is a file of the package `@scope/name`. */
const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');

const packagesOf = (paths: readonly string[], texts: ReadonlyMap<string, string>): string[] => {
  const names = paths.flatMap((path) => importsIn(texts.get(path) ?? '').filter((specifier) => resolved(path, specifier) === undefined && !specifier.startsWith('node:')));
  return [...new Set(names.map(packageOf))].toSorted();
};

/** Where a file of an app of ours stands in this repo. */
const placer =
  ({ home, tests, suffix }: Placement) =>
  (path: string): string => {
    const attack = /^tests\/attacks\/(.*)\.test\.ts$/.exec(path)?.[1];
    if (attack !== undefined) return posix.join(tests, `${attack}${suffix}.ts`);
    return path.startsWith('tests/') ? posix.join(tests, path.slice('tests/'.length)) : posix.join(home, path.replace(/^src\//, ''));
  };

const withImports = (path: string, text: string, texts: ReadonlyMap<string, string>, place: (path: string) => string, { ending }: Placement): string => {
  const folder = posix.dirname(place(path));
  return text.replace(importPattern, (whole, before: string, specifier: string) => {
    const target = resolved(path, specifier);
    if (target === undefined || !texts.has(target)) return whole;
    return `${before}'${relativeImport(folder, place(target), ending)}'`;
  });
};

/** How a file in `folder` imports the file at `path`. */
export const relativeImport = (folder: string, path: string, ending: Placement['ending']): string => {
  const way = posix.relative(folder, path).replace(/\.ts$/, ending);
  return way.startsWith('.') ? way : `./${way}`;
};

const envOf = (protections: readonly Protection[], { base }: Catalogue): OwnedEnv[] =>
  [{ owner: 'base', env: base.manifest.env ?? {} }, ...protections.map(({ id, env = {} }) => ({ owner: id, env }))].flatMap(({ owner, env }) =>
    Object.entries(env).map(([name, spec]) => ({ name, spec, owner })),
  );

/** `protections/index.ts`: the protections in order, with their options. */
const registry = (ids: readonly string[], { target, options }: ForeignState, texts: ReadonlyMap<string, string>, { base }: Catalogue): string => {
  const bound = ids.filter((id) => texts.has(`src/protections/${id}/${target}.ts`));
  const checks = ids.filter((id) => texts.has(`src/protections/${id}/boot-check.ts`));
  const { BootCheck, Binding } = base.manifest.types;
  return paragraphs(
    '// Generated by create-secure-app from what is installed; entries of your own may stand between these.',
    [
      `import type { BootCheck } from ${quoted(BootCheck)};`,
      `import type { Binding } from ${quoted(Binding)};`,
      ...bound.map((id) => `import { ${camelCase(id)} } from './${id}/${target}.ts';`),
      ...checks.map((id) => `import { bootCheck as ${camelCase(id)}BootCheck } from './${id}/boot-check.ts';`),
    ].join('\n'),
    `/** The protections, in the order in which they run: order is security. */\n${lines('export const protections: readonly Binding[] = [', bound.map((id) => `${camelCase(id)}(${argument(id, options)})`), '];')}`,
    `/** What must hold before the app starts. */\n${lines('export const bootChecks: readonly BootCheck[] = [', checks.map((id) => `${camelCase(id)}BootCheck`), '];')}`,
  );
};

const argument = (id: string, options: Options): string => {
  const values = options[id];
  return values === undefined ? '' : list('{', Object.entries(values).map(([name, value]) => `${name}: ${literal(value)}`), '}');
};

/** `test` and `after` of the repo's own runner, under these names. */
const runnerModule = ({ runner }: Placement): string => {
  const imported: Readonly<Record<Placement['runner'], string>> = {
    'node:test': "export { after, test } from 'node:test';",
    vitest: "export { afterAll as after, test } from 'vitest';",
    jest: globalRunner('afterAll'),
    mocha: globalRunner('after'),
    tap: "export { teardown as after, test } from 'tap';",
  };
  return paragraphs('// The test runner of this repo.', imported[runner]);
};

/** Runners whose functions are there without an import; their types may come from several packages. */
const globalRunner = (after: string): string =>
  [
    'type Run = () => void | Promise<void>;',
    '',
    `declare const ${after}: (run: Run) => void;`,
    'declare const it: (name: string, run: Run) => void;',
    '',
    after === 'after' ? 'const atEnd = after;' : '',
    'export const test = (name: string, run: Run): void => it(name, run);',
    after === 'after' ? 'export { atEnd as after };' : `export const after = (run: Run): void => ${after}(run);`,
  ]
    .join('\n')
    .replace('\n\n\n', '\n\n');
