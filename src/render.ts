import type { Catalogue, ProtectionPart, RenderProse, ServicePart, TemplateFile } from './catalogue.ts';
import { serviceNeeds } from './catalogue.ts';
import type { ComposeService, EnvSpec } from './manifest.ts';
import { byNeeds, closure, wiringOrder } from './order.ts';
import type { State } from './plan.ts';
import type { ProseAttack, ProseContainer, ProseContext, ProseGuard, ProseItem, ProseProtection } from './prose.ts';
import { type OwnedEnv, envExample, envModule, proseEnv } from './render/env.ts';
import { lintConfig } from './render/lint.ts';
import { packageJson, scriptsOf } from './render/package-json.ts';
import { migrationRegistry, protectionRegistry, routeRegistry, serviceRegistry, serviceSupport, tableRegistry } from './render/registries.ts';
import { securityDocs } from './render/security-docs.ts';
import { tsconfig } from './render/tsconfig.ts';
import { type Tree, byText, sortedSet, sortedTree } from './tree.ts';

/** The parts of an app, in their order. */
interface Parts {
  readonly services: readonly ServicePart[];
  readonly protections: readonly ProtectionPart[];
}

/**
 * The emitted files of a state, without lock and base. Pure: it knows no clock, no randomness and no machine, and
 * depends on the set of protections, never on the order in which they were chosen.
 * @throws Error when two parts bring one file, one variable or one script.
 */
export const render = (state: State, catalogue: Catalogue, renderProse: RenderProse): Tree => {
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
  return sortedTree([...tree, ...securityDocs(manifests, files, tree)]);
};

/** Every variable of the environment that a state has. */
export const environment = (state: State, catalogue: Catalogue): OwnedEnv[] => envOf(partsOf(state, catalogue), catalogue);

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
  ];
};

type OwnFiles = (files: readonly TemplateFile[]) => TemplateFile[];

const proseContext = (
  state: State,
  { services, protections }: Parts,
  env: readonly OwnedEnv[],
  files: readonly TemplateFile[],
  own: OwnFiles,
  { base }: Catalogue,
): ProseContext => {
  const guards = files.flatMap((file) => file.guards.map((guard): ProseGuard => ({ ...guard, file: file.path })));
  const attacks = files.flatMap((file) => file.attacks.map((attack): ProseAttack => ({ ...attack, file: file.path })));
  const variables = env.map(proseEnv);
  const told = protections.map(({ manifest, files: brought }): ProseProtection => {
    const items = Object.entries(manifest.items).map(([id, item]): ProseItem => {
      const isAbout = (proof: { readonly item: string }): boolean => proof.item === id;
      const [guarding, attacking] = [guards.filter(isAbout), attacks.filter(isAbout)];
      const filesOf = (proofs: readonly { readonly file: string }[]): string[] => sortedSet(proofs.map(({ file }) => file));
      return {
        ...item,
        id,
        protection: manifest.id,
        guards: guarding,
        guardFiles: filesOf(guarding),
        attacks: attacking,
        attackFiles: filesOf(attacking),
      };
    });
    return {
      id: manifest.id,
      title: manifest.title,
      summary: manifest.summary,
      group: manifest.group,
      phase: manifest.phase,
      kind: manifest.kind,
      requires: manifest.requires ?? [],
      services: manifest.services ?? [],
      items,
      notCovered: manifest.notCovered,
      options: Object.entries(state.options[manifest.id] ?? {}).map(([name, value]) => ({
        name,
        value,
        describe: manifest.options?.[name]?.describe ?? '',
      })),
      env: variables.filter(({ owner }) => owner === manifest.id),
      files: own(brought).map(({ path }) => path),
      guards: items.flatMap((item) => item.guards),
      attacks: items.flatMap((item) => item.attacks),
    };
  });
  const manifests = [base.manifest, ...services.map(({ manifest }) => manifest), ...protections.map(({ manifest }) => manifest)];
  return {
    name: state.name,
    target: state.target,
    isFastify: state.target === 'fastify',
    isExpress: state.target === 'express',
    pinNode: state.pinNode,
    packageManager: state.packageManager,
    isNpm: state.packageManager === 'npm',
    version: state.version,
    protections: told,
    services: services.map(({ manifest: { id, title, summary }, files: brought }) => ({ id, title, summary, files: own(brought).map(({ path }) => path) })),
    env: variables,
    items: told.flatMap(({ items }) => items).toSorted((a, b) => byText(a.id, b.id)),
    scripts: scriptsOf(manifests).map(([name, command]) => ({ name, command })),
    compose: manifests.flatMap(({ compose = {} }) => Object.entries(compose)).map(container).toSorted((a, b) => byText(a.name, b.name)),
  };
};

const container = ([name, service]: [string, ComposeService]): ProseContainer => ({
  ...service,
  name,
  environment: service.environment ?? {},
  hasCommand: service.command !== undefined,
  command: service.command ?? [],
  hasVolume: service.volume !== undefined,
  volume: service.volume ?? '',
});
