import type { Catalogue } from '../catalogue.ts';
import { Refusal, UsageError } from '../errors.ts';
import type { Protection } from '../manifest.ts';
import { type Needs, closure } from '../order.ts';
import { unknown } from '../suggest.ts';

/** What a protection requires in a repo that was there before us. */
export const foreignRequires = ({ foreign, requires = [] }: Protection): readonly string[] => foreign?.requires ?? requires;

/** The same for all of them, by id. */
export const foreignNeeds = ({ protections }: Catalogue): Needs => new Map(Object.values(protections).map(({ manifest }) => [manifest.id, foreignRequires(manifest)]));

/**
 * The protections that are asked for with what they require there, sorted.
 * @throws UsageError for an id that does not exist; Refusal for a protection that cannot be brought to such a repo.
 */
export const foreignClosure = (ids: readonly string[], catalogue: Catalogue): string[] => {
  const { protections } = catalogue;
  const all = Object.keys(protections);
  for (const id of ids) if (!all.includes(id)) throw new UsageError(unknown('add', id, all, 'protection'));
  const manifests = Object.values(protections).map(({ manifest }) => manifest);
  const needs = foreignNeeds(catalogue);
  const foundation = manifests.filter((manifest) => manifest.foundation === true && manifest.foreign !== undefined).map(({ id }) => id);
  for (const id of ids) {
    const missing = closure([id], needs).filter((needed) => protections[needed]?.manifest.foreign === undefined);
    if (missing.length > 0) throw new Refusal(refusal(id, missing, protections[id]?.manifest));
  }
  return closure([...foundation, ...ids], needs);
};

const refusal = (id: string, missing: readonly string[], manifest: Protection | undefined): string => {
  const others = missing.filter((each) => each !== id).map((each) => `\`${each}\``);
  const services = (manifest?.services ?? []).map((each) => `the service \`${each}\``);
  const grounds = [...others, ...services];
  const why = grounds.length === 0 ? 'it works through routes that say who may call them and what they take' : `it stands on ${grounds.join(', ')}, and on routes that say who may call them and what they take`;
  return `\`${id}\` cannot be brought to a repo that was there before: ${why}. An app that has it is made by: create-secure-app <folder> --with ${id}. What can be brought is listed by: create-secure-app list --json ("foreign": true).`;
};
