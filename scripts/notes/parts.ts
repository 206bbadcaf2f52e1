import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Catalogue, TemplateFile } from '../../src/catalogue.ts';
import type { Note, Notes, PartName } from '../../src/notes.ts';
import { sha256 } from '../../src/digest.ts';
import { templatesDirectory } from '../catalogue/read.ts';

/** A part of the catalogue, by the name of its folder. */
export interface NamedPart {
  readonly name: PartName;
  readonly manifest: Catalogue['base']['manifest'] | Catalogue['services'][string]['manifest'];
  readonly files: readonly TemplateFile[];
}

export const namedParts = ({ base, services, protections }: Catalogue): NamedPart[] => [
  { name: 'base', ...base },
  ...Object.entries(services).map(([id, part]) => ({ name: `services/${id}`, ...part })),
  ...Object.entries(protections).map(([id, part]) => ({ name: `protections/${id}`, ...part })),
];

/** Hex SHA-256 of everything that a part adds to an app: its files, and what its manifest says. */
export const digestOfPart = ({ manifest, files }: NamedPart, proseSources: ReadonlyMap<string, string>): string =>
  sha256(JSON.stringify([manifest, files.map(({ path: file, target, text, prose }) => [file, target, text ?? proseSources.get(prose ?? '') ?? ''])]));

/** What each part says in its `notes.ts`. */
export const readNotes = async (parts: readonly Pick<NamedPart, 'name'>[], templates = templatesDirectory): Promise<Notes> => {
  const entries: [PartName, readonly Note[]][] = [];
  for (const { name } of parts) {
    const file = path.join(templates, name, 'notes.ts');
    if (!existsSync(file)) continue;
    const { notes }: { notes: readonly Note[] } = await import(pathToFileURL(file).href);
    entries.push([name, notes]);
  }
  return Object.fromEntries(entries);
};

/** What was released last. */
export interface Released {
  readonly version: string;
  /** Of each part: the version that brought it, and its digest in `version`. */
  readonly parts: Readonly<Record<PartName, { readonly since: string; readonly digest: string }>>;
}

const releasedFile = (templates: string): string => path.join(templates, 'released.json');

/** Nothing was released before there is such a file. */
export const readReleased = (templates = templatesDirectory): Released =>
  existsSync(releasedFile(templates)) ? JSON.parse(readFileSync(releasedFile(templates), 'utf8')) : { version: '0.0.0', parts: {} };
