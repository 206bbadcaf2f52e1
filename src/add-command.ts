import { type Changed, rendering } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange } from './change-command.ts';
import { UsageError } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { installedAt } from './installed.ts';
import { withMore } from './replan.ts';

/**
 * `add <protection...>`: brings protections into the app at `root`. Where no lock is, the repo is not one of ours.
 * @throws UsageError, Refusal
 */
export const runAdd = async (ids: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  if (ids.length === 0) throw new UsageError('Say which: create-secure-app add <protection...>. See: create-secure-app list');
  const request = changeRequestOf('add', root, line);
  const installed = installedAt(root);
  if (installed === undefined || installed.lock.state.foreign !== undefined) return (await import('./foreign/add.ts')).addToForeign(request, ids, line, setting);
  return runChange(request, rendering(({ state }) => withMore(state, ids, line.values.set, setting.assets.catalogue())), setting);
};
