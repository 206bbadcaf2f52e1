import type { Catalogue, ProtectionPart, ServicePart, TemplateFile } from '../catalogue.ts';
import type { ComposeService } from '../manifest.ts';
import type { State } from '../plan.ts';
import type { ProseAttack, ProseContainer, ProseContext, ProseGuard, ProseItem, ProseProtection } from '../prose.ts';
import { byText, sortedSet } from '../tree.ts';
import { type OwnedEnv, proseEnv } from './env.ts';
import { scriptsOf } from './package-json.ts';

/** The parts of an app, in their order. */
export interface Parts {
  readonly services: readonly ServicePart[];
  readonly protections: readonly ProtectionPart[];
}

/** Those of the files that the target has. */
type OwnFiles = (files: readonly TemplateFile[]) => TemplateFile[];

/** What the Handlebars templates of an app can say. */
export const proseContext = (
  state: State,
  { services, protections }: Parts,
  env: readonly OwnedEnv[],
  files: readonly TemplateFile[],
  own: OwnFiles,
  { base }: Catalogue,
): ProseContext => {
  const guards = files.flatMap((file) => file.guards.map((guard): ProseGuard => ({ ...guard, file: file.path })));
  const attacks = files.flatMap((file) => file.attacks.map((attack): ProseAttack => ({ ...attack, file: file.path })));
  const guardsOf = grouped(guards);
  const attacksOf = grouped(attacks);
  const variables = env.map(proseEnv);
  const told = protections.map(({ manifest, files: brought }): ProseProtection => {
    const items = Object.entries(manifest.items).map(([id, item]): ProseItem => {
      const guarding = guardsOf.get(id) ?? [];
      const attacking = attacksOf.get(id) ?? [];
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

const grouped = <P extends { readonly item: string }>(proofs: readonly P[]): ReadonlyMap<string, P[]> => {
  const groups = new Map<string, P[]>();
  for (const proof of proofs) {
    const group = groups.get(proof.item);
    if (group === undefined) groups.set(proof.item, [proof]);
    else group.push(proof);
  }
  return groups;
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
