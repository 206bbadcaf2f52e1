import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Doctor, Doctors } from '../../src/doctor/check.ts';
import { templatesDirectory } from './read.ts';

/** The `doctor.ts` of every protection that has one, by id. */
export const doctorFiles = (ids: readonly string[], templates = templatesDirectory): ReadonlyMap<string, string> =>
  new Map(ids.map((id) => [id, path.join(templates, 'protections', id, 'doctor.ts')] as const).filter(([, file]) => existsSync(file)));

/** What each protection has checked, straight from `templates/`. */
export const readDoctors = async (ids: readonly string[]): Promise<Doctors> => {
  const entries: [string, Doctor][] = [];
  for (const [id, file] of doctorFiles(ids)) {
    const { doctor }: { doctor: Doctor } = await import(pathToFileURL(file).href);
    entries.push([id, doctor]);
  }
  return Object.fromEntries(entries);
};
