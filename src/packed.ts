import { readFileSync } from 'node:fs';
import type { Catalogue, TemplateFile } from './catalogue.ts';
import type { Notes } from './notes.ts';

/** What `catalogue.json` holds: the catalogue without the files of its parts. */
export type CatalogueIndex = Omit<Catalogue, 'base' | 'services' | 'protections' | 'foreign'> & {
  readonly base: Catalogue['base']['manifest'];
  readonly services: Readonly<Record<string, Catalogue['services'][string]['manifest']>>;
  readonly protections: Readonly<Record<string, Catalogue['protections'][string]['manifest']>>;
  /** Ids of the protections that have files for repos that were there before us. */
  readonly foreign: { readonly ids: readonly string[]; readonly packages: Readonly<Record<string, string>> };
};

/** A file of a packed part; what is empty is left out. */
export interface PackedFile extends Partial<TemplateFile> {
  readonly path: string;
  /** The number of characters in the texts of the part. A text that is more than ASCII stands in `text`. */
  readonly length?: number;
}

/**
 * The catalogue that the build packed into a directory. `parts/` has a file for each part, read when the part is chosen:
 * its files as JSON on the first line, then their texts, one behind the other.
 */
export const loadCatalogue = (directory: string): Catalogue => {
  const { base, services, protections, foreign, ...rest }: CatalogueIndex = JSON.parse(readFileSync(`${directory}/catalogue.json`, 'latin1'));
  const part = <M>(manifest: M, name: string) => {
    let files: readonly TemplateFile[] | undefined;
    return {
      manifest,
      get files() {
        files ??= unpack(readFileSync(`${directory}/parts/${name}`, 'latin1'));
        return files;
      },
    };
  };
  const parts = <M>(kind: string, manifests: Readonly<Record<string, M>>) =>
    Object.fromEntries(Object.entries(manifests).map(([id, manifest]) => [id, part(manifest, `${kind}-${id}`)]));
  return { ...rest, base: part(base, 'base'), services: parts('service', services), protections: parts('protection', protections), foreign: foreignFiles(directory, foreign) };
};

const foreignFiles = (directory: string, { ids, packages }: CatalogueIndex['foreign']): Catalogue['foreign'] => {
  const files = (name: string): TemplateFile[] => unpack(readFileSync(`${directory}/parts/${name}`, 'latin1'));
  return {
    packages,
    get skeleton() {
      return files('foreign');
    },
    get protections() {
      return Object.fromEntries(ids.map((id) => [id, files(`foreign-${id}`)]));
    },
  };
};

/** The notes that the build packed into a directory. */
export const loadNotes = (directory: string): Notes => JSON.parse(readFileSync(`${directory}/notes.json`, 'latin1'));

const unpack = (packed: string): TemplateFile[] => {
  let end = packed.indexOf('\n') + 1;
  const files: readonly PackedFile[] = JSON.parse(packed.slice(0, end));
  return files.map(({ path, length, text = null, target = null, prose = null, digest = null, guards = none, attacks = none, routes = none, limits = none, businessLimits = none }) => {
    const start = end;
    end += length ?? 0;
    return { path, text: length === undefined ? text : packed.slice(start, end), target, prose, digest, guards, attacks, routes, limits, businessLimits };
  });
};

const none: readonly never[] = [];
