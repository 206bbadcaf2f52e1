import type { Run } from '../cli.ts';
import { Refusal, UsageError } from '../errors.ts';
import { toolEnvironment } from '../host.ts';
import { installedAt } from '../installed.ts';
import { lockPath } from '../lock.ts';
import { repositoryOf } from '../repository.ts';
import { projectCode } from './project-code.ts';
import { statusDocument, statusText } from './report.ts';
import { isAlarming, statusOf } from './status.ts';

/** When a security fix waits, or a defence is less than it was. */
const alarm = 4;

/**
 * `status`: says how the app in `cwd` stands to what was emitted and to what this tool has.
 * @returns 0, or 4 when somebody should look.
 * @throws UsageError for an argument, Refusal when there is no app.
 */
export const runStatus = async ({ line, cwd, assets, terminal }: Run): Promise<number> => {
  if (line.words.length > 1) throw new UsageError('status takes no argument. Another folder: --cwd DIR');
  const installed = installedAt(cwd);
  if (installed === undefined) throw new Refusal(`${cwd} has no ${lockPath}: create-secure-app did not make it, or it was deleted. Where it was deleted: create-secure-app upgrade --adopt`);
  const { root, read } = installed;
  const status = await statusOf(installed, {
    catalogue: assets.catalogue(),
    renderProse: assets.prose(),
    notes: assets.notes(),
    moves: () => repositoryOf(root, toolEnvironment(process.env))?.moves() ?? new Map(),
    others: (emitted) => projectCode(root, read, emitted),
  });
  terminal.out(line.values.json ? `${JSON.stringify(statusDocument(status), null, 2)}\n` : statusText(status, terminal));
  return isAlarming(status) ? alarm : 0;
};
