import { sha256 } from '../digest.ts';
import type { Severity } from '../notes.ts';
import { type Diagnosis, atLeast } from './diagnosis.ts';
import type { Finding } from './finding.ts';

const levels = { low: 'note', medium: 'warning', high: 'error', critical: 'error' } as const satisfies Readonly<Record<Severity, string>>;

/** As GitHub reads them: over 9.0 critical, from 7.0 high, from 4.0 medium. */
const scores: Readonly<Record<Severity, string>> = { low: '3.0', medium: '5.5', high: '8.0', critical: '9.5' };

/** The findings in SARIF 2.1.0 (OASIS), as code scanning of GitHub takes it in. */
export const sarif = (diagnosis: Diagnosis, least: Severity, version: string) => {
  const findings = atLeast(diagnosis.findings, least);
  const rules = new Map(findings.map((finding) => [finding.check, ruleOf(finding)]));
  const order = [...rules.keys()];
  const seen = new Map<string, number>();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'create-secure-app', version, semanticVersion: version, rules: [...rules.values()] } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: diagnosis.skipped.map(({ file, why }) => ({ level: 'note', message: { text: `Not looked at: ${why}` }, locations: [{ physicalLocation: { artifactLocation: artifact(file) } }] })),
          },
        ],
        results: findings.map((finding) => resultOf(finding, order.indexOf(finding.check), seen)),
      },
    ],
  };
};

const ruleOf = ({ check, title, itemTitle, item, advice, fix, severity, asvs, cwe }: Finding) => ({
  id: check,
  name: check.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
  shortDescription: { text: title },
  fullDescription: { text: item === '' ? `${title}.` : `${title}. ${item}: ${itemTitle}.` },
  help: { text: fix === null ? advice : `${fix}\n\nBy hand: ${advice}`, markdown: fix === null ? advice : `\`\`\`sh\n${fix}\n\`\`\`\n\nBy hand: ${advice}` },
  defaultConfiguration: { level: levels[severity] },
  properties: { tags: ['security', ...cwe.map((id) => `external/cwe/${id.toLowerCase()}`), ...asvs.map((id) => `ASVS-5.0.0/${id}`)], precision: 'very-high', 'security-severity': scores[severity] },
});

const resultOf = ({ check, severity, title, saw, protection, item, file, line, column, endLine, endColumn }: Finding, ruleIndex: number, seen: Map<string, number>) => {
  // Lines move: what was seen in which file, and how often before, says whether it is the same as last time.
  const gist = JSON.stringify([check, file, saw]);
  const times = (seen.get(gist) ?? 0) + 1;
  seen.set(gist, times);
  return {
    ruleId: check,
    ruleIndex,
    level: levels[severity],
    message: { text: `${title}: ${saw}.` },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), region: { startLine: line, startColumn: column, ...(endLine === undefined ? {} : { endLine }), ...(endColumn === undefined ? {} : { endColumn }) } } }],
    partialFingerprints: { 'secureApp/v1': `${sha256(gist)}:${times}` },
    properties: { protection, item, severity },
  };
};

const artifact = (file: string) => ({ uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' });
