import { type Changed, rendering } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange } from './change-command.ts';
import { UsageError } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { withNewer } from './replan.ts';

/**
 * `upgrade`: brings the app at `root` what its templates became since.
 * @throws UsageError, Refusal
 */
export const runUpgrade = async (words: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  if (words.length > 0) throw new UsageError('upgrade takes no argument.');
  const { catalogue } = setting.assets;
  return runChange(changeRequestOf('upgrade', root, line), rendering(({ state }) => withNewer(state, line.values.set, catalogue())), setting);
};
