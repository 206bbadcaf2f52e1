import { spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file as git's index holds it. */
export interface IndexEntry {
  readonly path: string;
  readonly mode: string;
  readonly object: string;
}

/** The git repository that an app is in. Paths are those of the app, with `/`. */
export interface Repository {
  /** Tracked files that differ from the last commit. */
  dirty(): string[];
  /** old path -> path, for files that were moved in any commit, or since. */
  moves(): ReadonlyMap<string, string>;
  /** The texts that a file had in the commits that changed it, the latest first. */
  history(path: string): Iterable<string>;
  /** The entries of files in the index. */
  indexed(paths: readonly string[]): IndexEntry[];
  /** Registers files as unmerged, with the three sides of each. */
  markUnmerged(files: readonly Unmerged[]): boolean;
  hasBranch(name: string): boolean;
  /** Makes a branch where the work is, and goes there. */
  switchTo(name: string): boolean;
  /** Commits these files as they are on disk, also those that are gone, and nothing else. */
  commit(paths: readonly string[], message: string): boolean;
  /** Puts entries of the index back. */
  restore(paths: readonly string[], entries: readonly IndexEntry[]): boolean;
}

export interface Unmerged {
  readonly path: string;
  readonly base: string | undefined;
  readonly ours: string;
  readonly theirs: string;
}

/** Of the repo's own settings, those that name programs are of no use to us. */
const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'diff.external=', '-c', 'core.quotePath=false'];

/** Finds the repository of `root`; nothing when there is none, or no git. */
export const repositoryOf = (root: string, env: Readonly<Record<string, string>>): Repository | undefined => {
  if (!isInRepository(root)) return undefined;
  const git = (args: readonly string[], input?: string): string | undefined => {
    const { status, stdout } = spawnSync('git', [...safe, ...args], { cwd: root, env, encoding: 'utf8', maxBuffer: 100_000_000, stdio: ['pipe', 'pipe', 'ignore'], ...(input === undefined ? {} : { input }) });
    return status === 0 ? stdout : undefined;
  };
  const fields = (text: string | undefined): string[] => (text ?? '').split('\0').filter((field) => field !== '');
  let known: string | undefined;
  const prefix = (): string => (known ??= (git(['rev-parse', '--show-prefix']) ?? '').trim());
  const own = (paths: readonly string[]): string[] => paths.flatMap((path) => (path.startsWith(prefix()) ? [path.slice(prefix().length)] : []));
  /** As long as the object names of this repository are. */
  const noObject = (): string => '0'.repeat((git(['rev-parse', 'HEAD']) ?? '').trim().length || 40);
  const store = (text: string): string => (git(['hash-object', '-w', '--stdin'], text) ?? '').trim();

  return {
    dirty: () => {
      const status = fields(git(['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=no', '--', '.']));
      return own(status.map((line) => line.slice(3)));
    },
    moves: () => {
      const limits = ['--diff-filter=R', '--find-renames=50%', '--name-status', '-z', '--relative'];
      const logged = fields(git(['log', '--format=', '--reverse', '--max-count=5000', ...limits, '--', '.']));
      const staged = fields(git(['diff', '--cached', ...limits, 'HEAD', '--', '.']));
      const moves = new Map<string, string>();
      const steps = [...logged, ...staged];
      for (let index = 0; index + 2 < steps.length; index += 3) {
        const [, from = '', to = ''] = steps.slice(index, index + 3);
        moves.set(from, to);
        // Back where it was: no move.
        moves.delete(to);
      }
      return moves;
    },
    *history(path) {
      const commits = (git(['rev-list', '--max-count=50', 'HEAD', '--', path]) ?? '').split('\n').filter((commit) => commit !== '');
      for (const commit of commits) {
        const text = git(['show', `${commit}:${prefix()}${path}`]);
        if (text !== undefined) yield text;
      }
    },
    indexed: (paths) =>
      fields(git(['ls-files', '--stage', '-z', '--', ...paths])).flatMap((line) => {
        const [, mode, object, stage, path] = /^(\d+) ([0-9a-f]+) (\d)\t(.*)$/s.exec(line) ?? [];
        return mode !== undefined && object !== undefined && path !== undefined && stage === '0' ? [{ path, mode, object }] : [];
      }),
    markUnmerged: (files) => {
      const lines = files.flatMap(({ path, base, ours, theirs }) => [
        `0 ${noObject()}\t${prefix()}${path}`,
        ...[base, ours, theirs].flatMap((text, index) => (text === undefined ? [] : [`100644 ${store(text)} ${index + 1}\t${prefix()}${path}`])),
      ]);
      return git(['update-index', '-z', '--index-info'], lines.map((line) => `${line}\0`).join('')) !== undefined;
    },
    hasBranch: (name) => git(['rev-parse', '--verify', '--quiet', `refs/heads/${name}`]) !== undefined,
    switchTo: (name) => git(['switch', '--quiet', '--create', name]) !== undefined,
    commit: (paths, message) => {
      const list = `${paths.map((path) => `:(top,literal)${prefix()}${path}`).join('\0')}\0`;
      const from = ['--pathspec-from-file=-', '--pathspec-file-nul'];
      return git(['add', '--all', ...from], list) !== undefined && git(['commit', '--quiet', '--no-verify', '--message', message, '--only', ...from], list) !== undefined;
    },
    restore: (paths, entries) => {
      const lines = [...paths.map((path) => `0 ${noObject()}\t${prefix()}${path}`), ...entries.map(({ path, mode, object }) => `${mode} ${object} 0\t${prefix()}${path}`)];
      return git(['update-index', '-z', '--index-info'], lines.map((line) => `${line}\0`).join('')) !== undefined;
    },
  };
};

/** Asked of the disk first: starting git takes longer than all else that a small change does. */
const isInRepository = (root: string): boolean => {
  for (let folder = root; ; folder = dirname(folder)) {
    if (lstatSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined) return true;
    if (dirname(folder) === folder) return false;
  }
};
