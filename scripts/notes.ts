import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readCatalogue, repositoryRoot, templatesDirectory } from './catalogue/read.ts';
import { changelog } from './notes/changelog.ts';
import { noteProblems } from './notes/check.ts';
import { type Released, digestOfPart, namedParts, readNotes, readReleased } from './notes/parts.ts';

/** Everything that is known of the changes of this version. */
export const readNoteState = async () => {
  const { catalogue, proseSources } = await readCatalogue();
  const parts = namedParts(catalogue);
  const notes = await readNotes(parts);
  const digests = Object.fromEntries(parts.map((part) => [part.name, digestOfPart(part, proseSources)]));
  const items = Object.fromEntries(Object.entries(catalogue.protections).map(([id, { manifest }]) => [`protections/${id}`, Object.keys(manifest.items)]));
  const released = readReleased();
  const { version } = catalogue;
  const protections = Object.values(catalogue.protections).map(({ manifest }) => manifest);
  return { current: { version, digests, items, notes }, released, changelog: changelog({ version, protections, notes, released }) };
};

/** `npm run changelog` writes CHANGELOG.md; `npm run changelog -- --release` notes besides that this version is out. */
const main = async (): Promise<void> => {
  const { current, released, changelog: text } = await readNoteState();
  const problems = noteProblems(current, released);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (process.argv.includes('--release')) {
    const parts = Object.fromEntries(Object.entries(current.digests).map(([name, digest]) => [name, { since: released.parts[name]?.since ?? current.version, digest }]));
    const next: Released = { version: current.version, parts };
    writeFileSync(path.join(templatesDirectory, 'released.json'), `${JSON.stringify(next, null, 2)}\n`);
  }
  const file = path.join(repositoryRoot, 'CHANGELOG.md');
  const written = process.argv.includes('--release') ? (await readNoteState()).changelog : text;
  if (readFileSync(file, 'utf8') !== written) writeFileSync(file, written);
};

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
