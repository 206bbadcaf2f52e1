import type { Catalogue } from '../catalogue.ts';
import { byText } from '../tree.ts';
import type { Check, Doctors, Hit } from './check.ts';
import { type Finding, type Place, type Subject, findingOf } from './finding.ts';
import type { ReadRepo, Skipped } from './read.ts';
import type { SourceText } from './source-text.ts';
import { dependsOnEnvironment } from './syntax.ts';

/** What the source of a repo proves. */
export interface Examined {
  readonly findings: readonly Finding[];
  /** Files that a check could not be carried out on. */
  readonly skipped: readonly Skipped[];
}

/** More of the same kind in one file say nothing new. */
const mostInFile = 50;

/**
 * Carries out every check. What only development or a test reaches is not told.
 * @param subject what this tool brought is not missing.
 */
export const examine = (read: ReadRepo, doctors: Doctors, catalogue: Catalogue, subject: Subject): Examined => {
  const findings: Finding[] = [];
  const skipped: Skipped[] = [];
  const checks = Object.entries(doctors).flatMap(([id, { checks: own }]) => own.map((check) => ({ id, check })));
  const report = (id: string, check: Check, hit: Hit, kind: Finding['kind'], source?: SourceText): void => {
    findings.push(findingOf({ id, check, catalogue, subject, kind, saw: hit.saw, severity: hit.severity ?? check.severity, place: source === undefined || hit.at === undefined ? read.app : placeOf(source, hit.at) }));
  };
  for (const source of read.sources()) {
    for (const { id, check } of checks) {
      if (check.file === undefined || !check.file.mentions.test(source.text)) continue;
      try {
        for (const hit of limited(check.file.look(source, read.repository))) if (hit.at === undefined || !dependsOnEnvironment(hit.at)) report(id, check, hit, 'weak', source);
      } catch (error) {
        skipped.push({ file: source.path, why: `${check.id}: ${error instanceof Error ? error.message : String(error)}` });
      }
    }
  }
  for (const { id, check } of checks) {
    const isProvable = read.repository.opaque.length === 0 && !subject.chosen.has(id);
    const hit = isProvable ? check.missing?.(read.repository) : undefined;
    if (hit !== undefined) report(id, check, hit, 'missing');
  }
  return { findings: findings.toSorted((a, b) => byText(a.file, b.file) || a.line - b.line || a.column - b.column || byText(a.check, b.check)), skipped };
};

function* limited(hits: Iterable<Hit>): Generator<Hit> {
  const seen = new Set<unknown>();
  for (const hit of hits) {
    if (seen.has(hit.at)) continue;
    seen.add(hit.at);
    yield hit;
    if (seen.size === mostInFile) return;
  }
}

const placeOf = ({ path, tree }: SourceText, node: NonNullable<Hit['at']>): Place => {
  const start = tree.getLineAndCharacterOfPosition(node.getStart());
  const end = tree.getLineAndCharacterOfPosition(node.getEnd());
  return { file: path, line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
};
