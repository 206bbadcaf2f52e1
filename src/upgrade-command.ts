import { type Changed, type Planner, emissionOf, isNothing, unresolved } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange, withPorts } from './change-command.ts';
import { UsageError } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { toolEnvironment } from './host.ts';
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
  const request = changeRequestOf('upgrade', root, line);
  const planner = upgrading({ securityOnly, protections }, set, setting.assets.notes());
  const recording = { branch: line.values['create-branch'], commit: line.values.commit };
  if (!recording.branch && !recording.commit) return runChange(request, planner, setting);
  const { assertRecordable, record } = await import('./record.ts');
  const { repositoryOf } = await import('./repository.ts');
  const repository = repositoryOf(root, toolEnvironment(process.env));
  const catalogue = setting.assets.catalogue();
  assertRecordable(recording, catalogue.version, repository);
  const changed = await runChange(request, planner, setting);
  if (request.dryRun || repository === undefined || isNothing(changed)) return changed;
  if (unresolved(changed).length > 0) return { ...changed, warnings: [...changed.warnings, 'Not committed: there are conflicts.'] };
  return { ...changed, recorded: record(recording, changed, catalogue, repository) };
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
