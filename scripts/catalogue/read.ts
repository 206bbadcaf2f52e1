import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BasePart, Catalogue, Presets, ProtectionPart, ServicePart, TemplateFile } from '../../src/catalogue.ts';
import type { Base, Protection, Service } from '../../src/manifest.ts';
import { sha256 } from '../../src/digest.ts';
import { byText, pathProblem } from '../../src/tree.ts';
import { mayHoldGuards } from '../../templates/base/shared/scripts/docs/marks.ts';
import { type Owner, placeOf } from './layout.ts';
import { proseFromSources } from './prose.ts';
import { withFacts } from './facts.ts';
import { attacksIn, guardsIn } from './scan.ts';

/** The catalogue, and the source of every Handlebars template by its key. */
export interface ReadCatalogue {
  readonly catalogue: Catalogue;
  readonly proseSources: ReadonlyMap<string, string>;
}

export const repositoryRoot = path.resolve(import.meta.dirname, '../..');
export const templatesDirectory = path.join(repositoryRoot, 'templates');

/**
 * Reads `templates/`.
 * @throws Error for a manifest whose id is not the name of its folder, and for a file that no convention places.
 */
export const readCatalogue = async (templates: string = templatesDirectory): Promise<ReadCatalogue> => {
  const proseSources = new Map<string, string>();
  const read = (directory: string, owner: Owner): TemplateFile[] => readFiles(templates, directory, owner, proseSources);

  const base: BasePart = {
    manifest: await manifestOf<Base>(path.join(templates, 'base')),
    files: (['shared', 'fastify', 'express'] as const).flatMap((side) => read(`base/${side}`, { kind: 'base', side })),
  };
  const services: Record<string, ServicePart> = {};
  for (const id of folders(path.join(templates, 'services'))) {
    const manifest = await manifestOf<Service>(path.join(templates, 'services', id), id);
    services[id] = { manifest, files: read(`services/${id}`, { kind: 'services', id }) };
  }
  const protections: Record<string, ProtectionPart> = {};
  for (const id of folders(path.join(templates, 'protections'))) {
    const manifest = await manifestOf<Protection>(path.join(templates, 'protections', id), id);
    protections[id] = { manifest, files: read(`protections/${id}`, { kind: 'protections', id }) };
  }
  const foreign: Catalogue['foreign'] = {
    packages: JSON.parse(readFileSync(path.join(templates, 'foreign/packages.json'), 'utf8')),
    skeleton: (['shared', 'fastify', 'express'] as const).flatMap((side) => read(`foreign/${side}`, { kind: 'base', side })),
    protections: Object.fromEntries(Object.keys(protections).map((id) => [id, read(`protections/${id}/foreign`, { kind: 'protections', id })] as const).filter(([, files]) => files.length > 0)),
  };
  const { version }: { version: string } = JSON.parse(readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'));
  const presets: Presets = JSON.parse(readFileSync(path.join(templates, 'presets.json'), 'utf8'));
  const catalogue: Catalogue = { version, versions: readVersions(templates), presets, base, services, protections, foreign };
  return { catalogue: withFacts(catalogue, proseFromSources(proseSources), repositoryRoot), proseSources };
};

/** npm sorts by the English locale (`@npmcli/package-json`): done here once, so that rendering needs no locale. */
const readVersions = (templates: string): Record<string, string> => {
  const text = readFileSync(path.join(templates, 'package.json'), 'utf8');
  const { dependencies, devDependencies }: Record<'dependencies' | 'devDependencies', Record<string, string>> = JSON.parse(text);
  const entries = Object.entries({ ...dependencies, ...devDependencies });
  const loose = entries.find(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  if (loose !== undefined) throw new Error(`templates/package.json: ${loose[0]} must have an exact version, not ${loose[1]}.`);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b, 'en')));
};

/** The folders that hold a manifest; one without is somebody's work in progress, or left behind by git. */
const folders = (parent: string): string[] => {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(path.join(parent, name, 'manifest.ts')))
    .toSorted(byText);
};

const manifestOf = async <M>(directory: string, id?: string): Promise<M> => {
  const module: { default: M & { readonly id?: string } } = await import(pathToFileURL(path.join(directory, 'manifest.ts')).href);
  if (id !== undefined && module.default.id !== id) throw new Error(`${directory}/manifest.ts: the id must be the name of the folder, \`${id}\`.`);
  return module.default;
};

const readFiles = (templates: string, directory: string, owner: Owner, proseSources: Map<string, string>): TemplateFile[] => {
  const root = path.join(templates, directory);
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .toSorted(byText);
  return names.flatMap((name): TemplateFile[] => {
    const place = placeOf(owner, name);
    if (place === undefined) return [];
    const problem = pathProblem(place.path);
    if (problem !== undefined) throw new Error(`${directory}/${name}: the emitted path ${problem}.`);
    const text = readFileSync(path.join(root, name), 'utf8');
    if (text.includes('\r')) throw new Error(`${directory}/${name}: lines end with LF.`);
    const key = name.endsWith('.hbs') ? `${directory}/${name}` : null;
    if (key !== null) proseSources.set(key, text);
    return [{ ...place, text: key === null ? text : null, prose: key, digest: key === null ? sha256(text) : null, guards: mayHoldGuards(place.path) ? guardsIn(text) : [], attacks: name.endsWith('.test.ts') ? attacksIn(text) : [], routes: [], limits: [], businessLimits: [] }];
  });
};
