import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeTree } from '../../src/commit.ts';
import { sha256 } from '../../src/digest.ts';
import { realDisk } from '../../src/disk.ts';
import { parseCommandLine } from '../../src/flags.ts';
import { withLock } from '../../src/lock.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import { terminalOf } from '../../src/terminal.ts';
import { runUpgrade } from '../../src/upgrade-command.ts';
import { catalogue, renderProse, scratch, wish } from './fixtures.ts';
import { errors, later, notes, redirects, version } from './later.ts';

const assets = { catalogue: () => later, prose: () => renderProse, notes: () => notes, doctors: () => ({}) };
const quiet = { ...terminalOf({ colours: false }), err: () => {}, out: () => {} };

const app = async () => {
  const root = path.join(await scratch(), 'app');
  const state = plan(wish({ target: 'fastify', preset: 'minimal', with: ['redirects', 'errors'] }), catalogue);
  realDisk.makeDirectory(root);
  writeTree(root, withLock(render(state, catalogue, renderProse), state, sha256), realDisk);
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ann');
  git('config', 'user.email', 'ann@example.test');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Start');
  return {
    root,
    git,
    edit: (file: string, text: string): void => writeFileSync(path.join(root, file), text),
    upgrade: (...args: readonly string[]) => runUpgrade([], root, parseCommandLine(['upgrade', '--no-install', ...args]), { assets, terminal: quiet }),
  };
};

describe('upgrade and git', () => {
  test('--create-branch --commit: a branch, and a commit for each part with its notes', async () => {
    const { git, upgrade } = await app();
    const { recorded } = await upgrade('--create-branch', '--commit');
    expect(git('branch', '--show-current')).toBe(`create-secure-app-${version}`);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '--format=%s', 'main..HEAD').split('\n').toReversed()).toEqual(recorded?.commits);
    expect(recorded?.commits).toEqual([`Upgrade redirects to ${version}`, `Upgrade errors to ${version}`, expect.stringMatching(/^Upgrade what is made from all parts/)]);
    const fix = git('log', '--format=%H', '--grep=^Upgrade redirects');
    expect(git('show', '--name-only', '--format=%b', fix)).toMatch(/high, Q441: No more open redirect\.[^]*redirects\/core\.ts$/);
  });

  test('without them nothing is committed', async () => {
    const { git, upgrade } = await app();
    await upgrade();
    expect(git('log', '--format=%s')).toBe('Start');
    expect(git('status', '--porcelain')).toMatch(redirects);
  });

  test('what is staged or edited besides is not swept along', async () => {
    const { git, edit, upgrade } = await app();
    edit('notes.txt', 'mine');
    await upgrade('--commit');
    expect(git('status', '--porcelain')).toBe('?? notes.txt');
    edit(errors, 'changed');
    await expect(upgrade('--commit')).rejects.toThrow(/not committed/);
  });

  test('a conflict is left to the user, uncommitted', async () => {
    const { git, edit, root, upgrade } = await app();
    edit(redirects, readFileSync(path.join(root, redirects), 'utf8').replace('status: 303,', 'status: 302,'));
    git('commit', '--quiet', '--all', '--message', 'Mine');
    const { recorded, warnings } = await upgrade('--commit');
    expect(recorded).toBeUndefined();
    expect(warnings.join()).toMatch(/Not committed/);
    expect(git('log', '--format=%s')).toBe('Mine\nStart');
  });

  test('a branch of that name, or no repository, is said before anything is written', async () => {
    const { git, root, upgrade } = await app();
    git('branch', `create-secure-app-${version}`);
    await expect(upgrade('--create-branch')).rejects.toThrow(/a branch/);
    expect(git('status', '--porcelain')).toBe('');
    expect(existsSync(path.join(root, '.secure-app/undo'))).toBe(false);
    execFileSync('rm', ['-rf', '.git'], { cwd: root });
    await expect(upgrade('--commit')).rejects.toThrow(/needs a git repository/);
  });
});
