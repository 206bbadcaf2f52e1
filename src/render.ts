import { type Catalogue, type RenderProse, type TemplateFile, serviceNeeds } from './catalogue.ts';
import type { EnvSpec } from './manifest.ts';
import { byNeeds, closure, wiringOrder } from './order.ts';
import { packageManagerFacts } from './package-manager.ts';
import type { PartName } from './notes.ts';
import type { State } from './plan.ts';
import { type OwnedEnv, type Secret, envExample, envModule, proseEnv, secretsOf } from './render/env.ts';
import { lintConfig } from './render/lint.ts';
import { packageJson } from './render/package-json.ts';
import { type Parts, proseContext } from './render/prose-context.ts';
import { migrationRegistry, protectionRegistry, routeRegistry, serviceRegistry, serviceSupport, tableRegistry } from './render/registries.ts';
import { securityDocs } from './render/security-docs.ts';
import { tsconfig } from './render/tsconfig.ts';
import { type Tree, sortedTree } from './tree.ts';

/** What a state emits. */
export interface Emission {
  /** Without lock and base. */
  readonly tree: Tree;
  /** path -> hex SHA-256, of the files that stand in the catalogue as they are emitted. */
  readonly digests: ReadonlyMap<string, string>;
  /** What is to be minted into `.env`. */
  readonly secrets: readonly Secret[];
}

/** The emitted files of a state, without lock and base. */
export const render = (state: State, catalogue: Catalogue, renderProse: RenderProse): Tree => emit(state, catalogue, renderProse).tree;

/**
 * Renders a state. Pure: it knows no clock, no randomness and no machine, and depends on the set of protections, never
 * on the order in which they were chosen.
 * @throws Error when two parts bring one file, one variable or one script.
 */
export const emit = (state: State, catalogue: Catalogue, renderProse: RenderProse): Emission => {
  const parts = partsOf(state, catalogue);
  const own = (files: readonly TemplateFile[]): TemplateFile[] => files.filter(({ target }) => target === null || target === state.target);
  const files = [catalogue.base, ...parts.services, ...parts.protections].flatMap((part) => own(part.files));
  const env = envOf(parts, catalogue);
  const generated = generatedFiles(state, parts, env, files, catalogue);
  const context = proseContext(state, parts, env, files, own, catalogue);
  const text = ({ text: verbatim, prose }: TemplateFile): string => verbatim ?? (prose === null ? '' : renderProse(prose, context));

  const tree = new Map<string, string>();
  for (const [path, content] of [...files.map((file) => [file.path, text(file)] as const), ...generated]) {
    if (tree.has(path)) throw new Error(`Two parts bring the file ${path}.`);
    tree.set(path, content);
  }
  const manifests = parts.protections.map(({ manifest }) => manifest);
  const digests = new Map(files.flatMap(({ path, digest }) => (digest === null ? [] : [[path, digest] as const])));
  const containers = [...parts.services, ...parts.protections].flatMap(({ manifest }) => Object.values(manifest.compose ?? {}));
  const secrets = secretsOf(env, tree.has('compose.yaml') ? containers : []);
  return { tree: sortedTree([...tree, ...securityDocs(manifests, files, tree)]), digests, secrets };
};

/** The parts that a state is made of by name, `protections/<id>` for example, each with the paths that it brings. What no part brings is made from all. */
export const partPaths = (state: State, catalogue: Catalogue): ReadonlyMap<PartName, readonly string[]> => {
  const { services, protections } = partsOf(state, catalogue);
  const paths = ({ files }: { readonly files: readonly TemplateFile[] }): string[] => files.flatMap(({ path, target }) => (target === null || target === state.target ? [path] : []));
  return new Map([
    ['base', paths(catalogue.base)],
    ...services.map((part) => [`services/${part.manifest.id}`, paths(part)] as const),
    ...protections.map((part) => [`protections/${part.manifest.id}`, paths(part)] as const),
  ]);
};

const partsOf = (state: State, catalogue: Catalogue): Parts => {
  const chosen = state.protections.flatMap((id) => catalogue.protections[id] ?? []);
  const protections = wiringOrder(chosen.map(({ manifest }) => manifest)).flatMap(({ id }) => catalogue.protections[id] ?? []);
  const needs = serviceNeeds(catalogue);
  const wanted = closure(protections.flatMap(({ manifest }) => manifest.services ?? []), needs);
  return { protections, services: byNeeds(wanted, needs).flatMap((id) => catalogue.services[id] ?? []) };
};

const envOf = ({ services, protections }: Parts, { base }: Catalogue): OwnedEnv[] => {
  const found = new Map<string, OwnedEnv>();
  const add = (owner: string, env: Readonly<Record<string, EnvSpec>>): void => {
    for (const [name, spec] of Object.entries(env)) {
      if (found.has(name)) throw new Error(`Two parts bring the variable ${name}.`);
      found.set(name, { name, spec, owner });
    }
  };
  add('base', base.manifest.env ?? {});
  for (const { manifest } of [...services, ...protections]) add(manifest.id, manifest.env ?? {});
  return [...found.values()];
};

const generatedFiles = (
  state: State,
  parts: Parts,
  env: readonly OwnedEnv[],
  files: readonly TemplateFile[],
  catalogue: Catalogue,
): [string, string][] => {
  const { base } = catalogue;
  const emitted = {
    state,
    paths: new Set(files.map(({ path }) => path)),
    protections: parts.protections.map(({ manifest }) => manifest.id),
    services: parts.services.map(({ manifest }) => manifest.id),
    serviceNeeds: serviceNeeds(catalogue),
    types: base.manifest.types,
  };
  const manifests = [base.manifest, ...parts.services.map(({ manifest }) => manifest), ...parts.protections.map(({ manifest }) => manifest)];
  return [
    ['.env.example', envExample(env.map(proseEnv))],
    ['.oxlintrc.json', lintConfig(manifests, emitted.paths)],
    ['package.json', packageJson(state, manifests, catalogue)],
    ['src/config/env.ts', envModule(env)],
    ['src/protections/index.ts', protectionRegistry(emitted)],
    ['src/routes/index.ts', routeRegistry(emitted)],
    ['src/schema/migrations.ts', migrationRegistry(emitted)],
    ['src/schema/tables.ts', tableRegistry(emitted)],
    ['src/services/index.ts', serviceRegistry(emitted)],
    ['tests/support/services.ts', serviceSupport(emitted)],
    ['tsconfig.json', tsconfig()],
    ...Object.entries(packageManagerFacts[state.packageManager].settings(state.pinNode ? ['node'] : [])),
  ];
};
