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
  return [['docs/security/protections.json', `${JSON.stringify(protections, null, 2)}\n`], ...securityPages({ protections, routes, limits, files })];
};

const factsOf = ({ id, title, items, options = {} }: Protection): ProtectionFacts => ({
  id,
  title,
  items: Object.entries(items).map(([item, { title: name, asvs, cwe }]) => ({ id: item, title: name, asvs, cwe })),
  options: Object.entries(options).map(([name, option]) => ({ name, describe: option.describe, unit: option.type === 'integer' ? (option.unit ?? '') : '' })),
});
