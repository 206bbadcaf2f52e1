import { type Changed, type Planner, emissionOf } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange } from './change-command.ts';
import type { CommandLine } from './flags.ts';
import { withLess } from './replan.ts';

/**
 * `remove <protection...>`: takes protections out of the app at `root`.
 * @throws UsageError, Refusal
 */
export const runRemove = async (ids: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  const { values } = line;
  const planner: Planner = async ({ lock }, ports) => {
    const { state, idle } = withLess(lock.state, ids, { settings: values.set, withRequired: values['with-required'] }, ports.catalogue);
    if (idle.length > 0) setting.terminal.err(`Nothing requires ${idle.join(', ')} any more, and ${idle.length === 1 ? 'it stays' : 'they stay'}. To remove ${idle.length === 1 ? 'it' : 'them'} as well: --with-required\n`);
    return { state, emission: await emissionOf(state, ports) };
  };
  return runChange(changeRequestOf('remove', root, line), planner, setting);
};
