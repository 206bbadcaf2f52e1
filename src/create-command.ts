import { basename, resolve } from 'node:path';
import type { Assets } from './assets.ts';
import { realDisk } from './disk.ts';
import { Refusal, UsageError } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { type Host, canRunApp, toolEnvironment } from './host.ts';
import { interruption } from './interruption.ts';
import { type Approve, type CreateRequest, type Created, create } from './pipeline.ts';
import type { PackageManager } from './package-manager.ts';
import { minimumNode } from './render/package-json.ts';
import { progressOn } from './report.ts';
import type { Terminal } from './terminal.ts';

/** What `create` needs, and the directory may still be asked for. */
export type CreateWish = Omit<CreateRequest, 'root' | 'name'> & { readonly directory: string | undefined; readonly name: string | undefined; readonly likelyPackageManager: PackageManager };

/**
 * What the command line says of `create`.
 * @throws UsageError for more than one folder.
 */
export const wishOf = ({ values, words }: CommandLine, host: Host): CreateWish => {
  if (words.length > 1) throw new UsageError(`One folder, please, not ${words.length}: ${words.slice(0, 3).map((word) => JSON.stringify(word.slice(0, 80))).join(', ')}.`);
  return {
    directory: words[0],
    name: values.name,
    target: values.target,
    preset: values.preset,
    with: values.with,
    without: values.without,
    set: values.set,
    packageManager: values.pm,
    likelyPackageManager: host.packageManager,
    pinNode: !canRunApp(host.nodeVersion),
    dryRun: values['dry-run'] || values.diff,
    install: !values['no-install'],
    verify: !values['no-verify'],
    git: !values['no-git'],
    verbose: values.verbose,
  };
};

/**
 * The wish with its folder found.
 * @throws UsageError when there is none, or when its path is not what it seems.
 */
export const requestOf = ({ directory, likelyPackageManager, ...wish }: CreateWish, cwd: string): CreateRequest => {
  if (directory === undefined) throw new UsageError('Say which folder to create the app in: create-secure-app <dir>');
  const root = rootOf(directory, cwd);
  return { ...wish, root, name: wish.name ?? basename(root), packageManager: wish.packageManager ?? likelyPackageManager };
};

/**
 * The folder of the app.
 * @throws UsageError for a path that is not what it seems.
 */
export const rootOf = (directory: string, cwd: string): string => {
  const shown = JSON.stringify(directory.slice(0, 80));
  if (directory === '' || /[\0-\x1f\x7f\u202a-\u202e\u2066-\u2069]/.test(directory)) throw new UsageError(`${shown} is not the name of a folder.`);
  if (/(?:^|[/\\])[^/\\.][^/\\]*[/\\](?:.*[/\\])?\.\.(?:[/\\]|$)/.test(directory)) throw new UsageError(`${shown}: ".." may stand only at the start of a path.`);
  return resolve(cwd, directory);
};

/** What a person should know of this host before the app is created. */
export const hostWarnings = ({ pinNode }: CreateWish, { nodeVersion }: Host): string[] =>
  pinNode ? [`Node ${nodeVersion} is older than ${minimumNode}, which the app needs: it brings its own as a development dependency, for its npm scripts.`] : [];

export interface CreateSetting {
  readonly assets: Assets;
  readonly terminal: Terminal;
  readonly approve: Approve;
}

/** Runs the pipeline on this machine; an interruption leaves nothing behind. */
export const runCreate = async (request: CreateRequest, { assets, terminal, approve }: CreateSetting): Promise<Created> => {
  const { signal, hold, release } = interruption();
  try {
    return await create(request, {
      catalogue: assets.catalogue(),
      renderProse: assets.prose(),
      disk: realDisk,
      env: toolEnvironment(process.env),
      progress: progressOn(terminal),
      signal,
      hold,
      approve,
    });
  } catch (error) {
    throw signal.aborted ? new Refusal('Interrupted; nothing was created.') : error;
  } finally {
    release();
  }
};
