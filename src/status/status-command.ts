import { type InApp, inEvery } from '../apps.ts';
import type { Assets } from '../assets.ts';
import type { Run } from '../cli.ts';
import { Refusal, UsageError } from '../errors.ts';
import { allowFlags } from '../flags.ts';
import { toolEnvironment } from '../host.ts';
import { installedAt } from '../installed.ts';
import { lockPath } from '../lock.ts';
import { repositoryOf } from '../repository.ts';
import type { Terminal } from '../terminal.ts';
import { projectCode } from '../project-code.ts';
import { statusDocument, statusText } from './report.ts';
import { isAlarming, statusOf } from './status.ts';

/** When a security fix waits, or a defence is less than it was. */
const alarm = 4;

/**
 * `status`: says how the app in `cwd`, or with --all every app below it, stands to what was emitted and to what this tool has.
 * @returns 0, or 4 when somebody should look.
 * @throws UsageError for an argument, Refusal when there is no app.
 */
export const runStatus = async ({ line, cwd, assets, terminal }: Run): Promise<number> => {
  allowFlags('status', line, ['all']);
  if (line.words.length > 1) throw new UsageError('status takes no argument. Another folder: --cwd DIR');
  const here = (root: string): Promise<InApp> => statusIn(root, assets, terminal);
  const { text, document, exitCode } = await (line.values.all ? inEvery(cwd, 'status', here) : here(cwd));
  terminal.out(line.values.json ? `${JSON.stringify(document, null, 2)}\n` : text);
  return exitCode;
};

const statusIn = async (cwd: string, assets: Assets, terminal: Terminal): Promise<InApp> => {
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
  return { text: statusText(status, terminal), document: statusDocument(status), exitCode: isAlarming(status) ? alarm : 0 };
};
