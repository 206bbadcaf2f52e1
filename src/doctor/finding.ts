import type { Catalogue } from '../catalogue.ts';
import type { Severity } from '../notes.ts';
import type { Check } from './check.ts';

/** Something that is wrong, with its proof and its cure. */
export interface Finding {
  /** Id of the check. */
  readonly check: string;
  /** `weak`: something there is not safe. `missing`: nothing does it. `answered`: a running server showed it. */
  readonly kind: 'weak' | 'missing' | 'answered';
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly title: string;
  /** What was seen. */
  readonly saw: string;
  readonly protection: string;
  readonly item: string;
  readonly itemTitle: string;
  readonly asvs: readonly string[];
  readonly cwe: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** What to do by hand. */
  readonly advice: string;
  /** The command that would fix it; null where the protection is there, or cannot be brought to this repo. */
  readonly fix: string | null;
}

/** What the command knows of the repo besides its source. */
export interface Subject {
  /** Ids of the protections that this tool brought. */
  readonly chosen: ReadonlySet<string>;
  /** It was there before us: only some protections can be brought. */
  readonly isForeign: boolean;
}

export interface Place extends Pick<Finding, 'file' | 'line'>, Partial<Pick<Finding, 'column' | 'endLine' | 'endColumn'>> {}

interface Parts {
  readonly id: string;
  readonly check: Pick<Check, 'id' | 'item' | 'title' | 'advice' | 'cwe' | 'asvs'>;
  readonly catalogue: Catalogue;
  readonly subject: Subject;
  readonly kind: Finding['kind'];
  readonly severity: Severity;
  readonly saw: string;
  readonly place: Place;
}

/**
 * A finding of a check of the protection `id`.
 * @throws Error for a check that names an item which the protection has not.
 */
export const findingOf = ({ id, check, catalogue, subject, kind, severity, saw, place }: Parts): Finding => {
  const manifest = catalogue.protections[id]?.manifest;
  const item = manifest?.items[check.item];
  if (manifest === undefined || item === undefined) throw new Error(`The check ${check.id} names ${check.item}, which ${id} has not.`);
  const canAdd = !subject.chosen.has(id) && (!subject.isForeign || manifest.foreign !== undefined);
  return {
    check: check.id,
    kind,
    severity,
    title: check.title,
    saw,
    protection: id,
    item: check.item,
    itemTitle: item.title,
    asvs: check.asvs ?? item.asvs,
    cwe: check.cwe ?? item.cwe,
    column: 1,
    ...place,
    advice: check.advice,
    fix: canAdd ? `create-secure-app add ${id}` : null,
  };
};
