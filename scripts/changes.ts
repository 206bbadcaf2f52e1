import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readCatalogue, repositoryRoot, templatesDirectory } from './catalogue/read.ts';
import { changelog } from './changes/changelog.ts';
import { changeProblems } from './changes/check.ts';
import { type Released, digestOfPart, namedParts, readChanges, readReleased } from './changes/parts.ts';

/** Everything that is known of the changes of this version. */
export const readChangeState = async () => {
  const { catalogue, proseSources } = await readCatalogue();
  const parts = namedParts(catalogue);
  const changes = await readChanges(parts);
  const digests = Object.fromEntries(parts.map((part) => [part.name, digestOfPart(part, proseSources)]));
  const items = Object.fromEntries(Object.entries(catalogue.protections).map(([id, { manifest }]) => [`protections/${id}`, Object.keys(manifest.items)]));
  const released = readReleased();
  const { version } = catalogue;
  const protections = Object.values(catalogue.protections).map(({ manifest }) => manifest);
  return { current: { version, digests, items, changes }, released, changelog: changelog({ version, protections, changes, released }) };
};

/** `npm run changelog` writes CHANGELOG.md; `npm run changelog -- --release` notes besides that this version is out. */
const main = async (): Promise<void> => {
  const { current, released, changelog: text } = await readChangeState();
  const problems = changeProblems(current, released);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (process.argv.includes('--release')) {
    const parts = Object.fromEntries(Object.entries(current.digests).map(([name, digest]) => [name, { since: released.parts[name]?.since ?? current.version, digest }]));
    const next: Released = { version: current.version, parts };
    writeFileSync(path.join(templatesDirectory, 'released.json'), `${JSON.stringify(next, null, 2)}\n`);
  }
  const file = path.join(repositoryRoot, 'CHANGELOG.md');
  const written = process.argv.includes('--release') ? (await readChangeState()).changelog : text;
  if (readFileSync(file, 'utf8') !== written) writeFileSync(file, written);
};

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
