import { type Changed, type Planner, emissionOf } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange, withPorts } from './change-command.ts';
import { UsageError } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { type Notes, notesBetween } from './notes.ts';
import { type Narrowing, chosenParts, partially, versionsOf } from './partial.ts';
import { withNewer } from './replan.ts';

/**
 * `upgrade`: brings the app at `root` what its templates became since.
 * @throws UsageError, Refusal
 */
export const runUpgrade = async (words: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  if (words.length > 0) throw new UsageError('upgrade takes no argument.');
  const { 'security-only': securityOnly, protection: protections, set, adopt: adopts } = line.values;
  if (adopts && (securityOnly || protections.length > 0)) throw new UsageError('--adopt brings no change; adopt first, then upgrade.');
  if (adopts) return withPorts(setting, async (ports) => (await import('./adopt.ts')).adopt(changeRequestOf('adopt', root, line), set, ports));
  return runChange(changeRequestOf('upgrade', root, line), upgrading({ securityOnly, protections }, set, setting.assets.notes()), setting);
};

/** The planner of an upgrade: of everything, or narrowed to some parts. */
export const upgrading =
  (narrowing: Narrowing, settings: readonly string[], notes: Notes): Planner =>
  async (installed, ports) => {
    const { lock } = installed;
    const { catalogue } = ports;
    const state = withNewer(lock.state, settings, catalogue);
    const emission = await emissionOf(state, ports);
    const chosen = chosenParts(narrowing, lock, catalogue, notes);
    const versions = versionsOf(lock, catalogue);
    const told = notesBetween(notes, new Map([...versions].filter(([part]) => chosen?.has(part) ?? true)), catalogue.version);
    return { ...(chosen === undefined ? { state, emission } : partially(chosen, installed, state, emission, catalogue)), notes: told };
  };
