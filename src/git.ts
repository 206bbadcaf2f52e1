import { execa } from 'execa';

/** What became of the repository. */
export type GitOutcome = { readonly done: true; readonly summary: string } | { readonly done: false; readonly reason: string };

/**
 * Makes a repository with a first commit in `directory`. Never fails: an app without a repository is an app as well.
 */
export const firstCommit = async (directory: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<GitOutcome> => {
  const git = (...args: readonly string[]) =>
    execa('git', args, { cwd: directory, env, extendEnv: false, stdin: 'ignore', reject: false, all: true, cancelSignal: signal });
  const skipped = (reason: string): GitOutcome => ({ done: false, reason });

  const version = await git('--version');
  if (version.failed) return skipped('git is not installed');
  const root = await git('rev-parse', '--show-toplevel');
  const own = await git('rev-parse', '--show-cdup');
  if (!root.failed && own.stdout !== '') return skipped(`the folder is inside the repository ${root.stdout}`);
  if (!root.failed && !(await git('rev-parse', '--verify', '--quiet', 'HEAD')).failed) return skipped('the repository has commits already; commit when you like');
  if (root.failed) {
    const init = await git('init', '--quiet', '--initial-branch=main');
    if (init.failed) return skipped(`git init failed: ${init.all}`);
  }
  const identity = await git('var', 'GIT_COMMITTER_IDENT');
  if (identity.failed) return skipped('git knows no name and e-mail address of yours; the repository is there, the first commit is yours to make');
  const add = await git('add', '--all');
  const commit = add.failed ? add : await git('commit', '--quiet', '--no-verify', '--message', 'Start from create-secure-app');
  return commit.failed ? skipped(`the first commit failed: ${commit.all}`) : { done: true, summary: 'a repository with a first commit' };
};
