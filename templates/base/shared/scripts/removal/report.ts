import type { Verdict } from './judge.ts';

/** What the whole run found. */
export interface RemovalReport {
  readonly ok: boolean;
  readonly verdicts: readonly Verdict[];
  /** One sentence each: items without a guard, guards without an attack. */
  readonly gaps: readonly string[];
}

/** The report for people: item, guard, and the attack that noticed. */
export const asTable = ({ verdicts, gaps, ok }: RemovalReport): string => {
  const rows = verdicts.flatMap(({ guard, ok: fine, skipped = false, noticedBy, problem }) => {
    const place = `${guard.file}:${guard.line}`;
    const change = guard.weaken === undefined ? guard.code : guard.weaken.join(' -> ');
    if (skipped) return [`${guard.items.join(', ').padEnd(11)} ${place}`, `            skipped: ${problem}`];
    const answer = fine && noticedBy !== undefined ? `noticed (${noticedBy.how}): ${noticedBy.attack}` : `FAILED: ${problem}`;
    return [`${guard.items.join(', ').padEnd(11)} ${place}`, `            - ${shortened(change)}`, `            ${answer}`];
  });
  const tried = verdicts.filter((verdict) => verdict.skipped !== true);
  const failed = tried.filter((verdict) => !verdict.ok).length;
  const sum = `${tried.length} guards taken out, ${tried.length - failed} noticed, ${failed + gaps.length} problems.`;
  return [...rows, ...gaps.map((gap) => `FAILED: ${gap}`), '', ok ? sum : `${sum} See above.`, ''].join('\n');
};

const shortened = (code: string): string => (code.length > 110 ? `${code.slice(0, 107)}...` : code);
