import type { Run } from '../cli.ts';
import { UsageError } from '../errors.ts';
import { allowFlags } from '../flags.ts';
import { severities } from '../notes.ts';
import { unknown } from '../suggest.ts';
import { atLeast, diagnose, isSeverity } from './diagnosis.ts';
import { diagnosisDocument, diagnosisText } from './report.ts';
import { sarif } from './sarif.ts';

/** When something of the chosen severity is found. */
const found = 4;

/**
 * `doctor`: says which protections of the catalogue a server repo has, has weakly, or lacks, as far as its source proves it.
 * @returns 0, or 4 when something is found.
 * @throws UsageError for flags that make no sense, Refusal when there is nothing that can be examined.
 */
export const runDoctor = async ({ line, cwd, assets, terminal }: Run): Promise<number> => {
  allowFlags('doctor', line, ['sarif', 'severity', 'url']);
  const { json: wantsJson, sarif: wantsSarif, severity: least = 'medium', url } = line.values;
  if (line.words.length > 1) throw new UsageError('doctor takes no argument. Another folder: --cwd DIR');
  if (wantsJson && wantsSarif) throw new UsageError('--json or --sarif: one document goes to stdout.');
  if (!isSeverity(least)) throw new UsageError(unknown('--severity', least, severities, 'severity'));
  const diagnosis = await diagnose(cwd, url, assets);
  const document = wantsSarif ? sarif(diagnosis, least, assets.catalogue().version) : wantsJson ? diagnosisDocument(diagnosis, least) : undefined;
  terminal.out(document === undefined ? diagnosisText(diagnosis, least, terminal) : `${JSON.stringify(document, null, 2)}\n`);
  return atLeast(diagnosis.findings, least).length > 0 ? found : 0;
};
