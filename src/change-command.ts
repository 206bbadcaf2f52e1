import type { Assets } from './assets.ts';
import { type ChangePorts, type ChangeRequest, type Changed, type Planner, change } from './change.ts';
import { realDisk } from './disk.ts';
import { Refusal } from './errors.ts';
import type { CommandLine, FlagName } from './flags.ts';
import { toolEnvironment } from './host.ts';
import { interruption } from './interruption.ts';
import { changeProgressOn } from './report-change.ts';
import type { Terminal } from './terminal.ts';

/** The flags of every verb that changes an app. */
export const changeFlags = ['set', 'dry-run', 'diff', 'undo', 'allow-dirty', 'no-verify', 'no-install', 'yes'] as const satisfies readonly FlagName[];

/** What the command line says of a change. */
export const changeRequestOf = (command: string, root: string, { values }: CommandLine): ChangeRequest => ({
  command,
  root,
  dryRun: values['dry-run'] || values.diff,
  install: !values['no-install'],
  verify: !values['no-verify'],
  allowDirty: values['allow-dirty'],
  verbose: values.verbose,
});

export interface ChangeSetting {
  readonly assets: Assets;
  readonly terminal: Terminal;
  /** The last word; by default yes. */
  readonly approve?: ChangePorts['approve'];
}

/** Runs a change on this machine; an interruption leaves nothing behind. */
export const runChange = async (request: ChangeRequest, planner: Planner, setting: ChangeSetting): Promise<Changed> =>
  withPorts(setting, (ports) => change(request, planner, ports));

/** Does something with what this machine offers; an interruption leaves nothing behind. */
export const withPorts = async <T>({ assets, terminal, approve = () => Promise.resolve(true) }: ChangeSetting, work: (ports: ChangePorts) => Promise<T>): Promise<T> => {
  const { signal, hold, release } = interruption();
  try {
    return await work({
      catalogue: assets.catalogue(),
      renderProse: assets.prose(),
      disk: realDisk,
      env: toolEnvironment(process.env),
      progress: changeProgressOn(terminal),
      signal,
      hold,
      approve,
    });
  } catch (error) {
    throw signal.aborted ? new Refusal('Interrupted; nothing was changed.') : error;
  } finally {
    release();
  }
};
