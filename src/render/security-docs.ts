import { type AttackMark, type GuardMark, guardMarks, mayHoldGuards } from '../../templates/base/shared/scripts/docs/marks.ts';
import { type ProtectionFacts, securityPages } from '../../templates/base/shared/scripts/docs/pages.ts';
import type { TemplateFile } from '../catalogue.ts';
import type { Protection } from '../manifest.ts';
import type { Tree } from '../tree.ts';

/**
 * `docs/security/`: the pages that the emitted `npm run docs` writes, by the same function and so with the same bytes,
 * and the data of the catalogue that they need besides the code.
 */
export const securityDocs = (manifests: readonly Protection[], emitted: readonly TemplateFile[], files: Tree): [string, string][] => {
  const protections = manifests.map(factsOf);
  const routes = emitted.flatMap((file) => file.routes);
  const limits = emitted.flatMap((file) => file.limits);
  const businessLimits = emitted.flatMap((file) => file.businessLimits);
  const guards = emitted.flatMap((file) => guardsOf(file, files));
  const attacks = emitted.flatMap(attacksOf);
  return [['docs/security/protections.json', `${JSON.stringify(protections, null, 2)}\n`], ...securityPages({ protections, routes, limits, businessLimits, guards, attacks, files })];
};

/** Those that the build found in the text; a rendered text is searched. */
const guardsOf = ({ path, prose, guards }: TemplateFile, files: Tree): GuardMark[] => {
  if (prose !== null && mayHoldGuards(path)) return guardMarks(path, files.get(path) ?? '');
  return [...new Set(guards.map(({ item }) => item))].map((item) => ({ item, file: path }));
};

const attacksOf = ({ path, attacks }: TemplateFile): AttackMark[] => attacks.map(({ item, name }) => ({ item, name, file: path }));

const factsOf = ({ id, title, items, options = {} }: Protection): ProtectionFacts => ({
  id,
  title,
  items: Object.entries(items).map(([item, { title: name, asvs, cwe }]) => ({ id: item, title: name, asvs, cwe })),
  options: Object.entries(options).map(([name, option]) => ({ name, describe: option.describe, unit: option.type === 'integer' ? (option.unit ?? '') : '' })),
});
