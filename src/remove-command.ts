import { type Changed, type Planner } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange } from './change-command.ts';
import type { CommandLine } from './flags.ts';
import { emit } from './render.ts';
import { withLess } from './replan.ts';

/**
 * `remove <protection...>`: takes protections out of the app at `root`.
 * @throws UsageError, Refusal
 */
export const runRemove = async (ids: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  const { values } = line;
  const planner: Planner = ({ lock }, { catalogue, renderProse, progress: _progress }) => {
    const { state, idle } = withLess(lock.state, ids, { settings: values.set, withRequired: values['with-required'] }, catalogue);
    if (idle.length > 0) setting.terminal.err(`Nothing requires ${idle.join(', ')} any more, and ${idle.length === 1 ? 'it stays' : 'they stay'}. To remove ${idle.length === 1 ? 'it' : 'them'} as well: --with-required\n`);
    return { state, emission: emit(state, catalogue, renderProse) };
  };
  return runChange(changeRequestOf('remove', root, line), planner, setting);
};
