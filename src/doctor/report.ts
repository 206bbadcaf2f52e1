import { type Severity, severities } from '../notes.ts';
import type { Terminal } from '../terminal.ts';
import { type Diagnosis, type State, atLeast } from './diagnosis.ts';
import type { Finding } from './finding.ts';

const words: readonly (readonly [State, string])[] = [
  ['missing', 'Missing'],
  ['weak', 'Weak'],
  ['present', 'There'],
  ['unknown', 'Not told by the source'],
];

/** What is told to people. */
export const diagnosisText = (diagnosis: Diagnosis, least: Severity, terminal: Terminal): string => {
  const { name, target, major, protections, opaque, skipped, probed } = diagnosis;
  const shown = atLeast(diagnosis.findings, least).toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  const below = diagnosis.findings.length - shown.length;
  const standings = words.flatMap(([state, word]) => {
    const those = protections.filter((each) => each.state === state).map(({ id, by }) => (by === null || by === 'create-secure-app' || state !== 'present' ? id : `${id} (${by})`));
    return those.length === 0 ? [] : [`  ${word}: ${those.join(', ')}\n`];
  });
  return [
    `${terminal.strong(safe(name) || 'This repo')}: ${target} ${major}${probed === null ? '' : `, and the server at ${probed}`}\n`,
    ...shown.map((finding) => `\n${findingText(finding, terminal)}`),
    `\n${terminal.strong('Protections')}\n${standings.join('')}`,
    ...(opaque.length === 0 ? [] : [`\nNothing is called missing: it may be done by ${opaque.map(safe).join(', ')}.\n`]),
    ...(skipped.length === 0 ? [] : [`\n${terminal.strong(`Not looked at (${skipped.length})`)}\n${skipped.map(({ file, why }) => `  ${safe(file)}: ${safe(why)}\n`).join('')}`]),
    `\n${shown.length === 0 ? `Nothing of severity ${least} or worse was found.` : `${shown.length} found of severity ${least} or worse.`}${below === 0 ? '' : ` ${below} below: --severity ${severities[0]}`}\n`,
  ].join('');
};

const findingText = ({ severity, title, saw, file, line, column, item, itemTitle, asvs, cwe, fix, advice, kind }: Finding, terminal: Terminal): string => {
  const place = kind === 'answered' ? '' : `  ${safe(file)}:${line}:${column}\n`;
  const ids = [item === '' ? [] : `${item} ${itemTitle}`, asvs.length === 0 ? [] : `ASVS ${asvs.join(', ')}`, cwe.join(', ')].flat().filter((text) => text !== '');
  return `${terminal.strong(`${severity}: ${title}`)}\n${place}  ${safe(saw)}\n  ${ids.join('; ')}\n  ${fix === null ? '' : `${fix}; or by hand: `}${safe(advice)}\n`;
};

/** Text of a repo that goes to a terminal: no control characters, and nothing that turns the line around. */
const safe = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ');

/** The same as data. */
export const diagnosisDocument = (diagnosis: Diagnosis, least: Severity) => {
  const findings = atLeast(diagnosis.findings, least);
  return { ok: findings.length === 0, command: 'doctor', severity: least, ...diagnosis, findings, below: diagnosis.findings.length - findings.length };
};
