import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { scratch } from './fixtures.ts';

const cli = path.join(repositoryRoot, 'bin/create-secure-app.js');
const enter = '\r';
const down = '\u001B[B';
const controlC = '\u0003';

/** Answers the questions of the command on a pseudo-terminal, which `script` of util-linux makes. */
const session = async (cwd: string, flags: readonly string[], answers: readonly (readonly [question: string, keys: string])[]) => {
  const command = [process.execPath, cli, ...flags].map((word) => `'${word}'`).join(' ');
  const child = execa('script', ['--quiet', '--return', '--echo', 'never', '--command', command, '/dev/null'], {
    cwd,
    env: { CI: '', TERM: 'xterm', npm_config_user_agent: '' },
    reject: false,
    timeout: 60_000,
  });
  let seen = '';
  const open = [...answers];
  child.stdout.on('data', (data: Buffer) => {
    seen += stripVTControlCharacters(data.toString());
    const [question, keys] = open[0] ?? [];
    if (question === undefined || keys === undefined || !seen.includes(question)) return;
    open.shift();
    seen = seen.slice(seen.indexOf(question) + question.length);
    // The question stands; a moment later it listens.
    setTimeout(() => {
      for (const [index, key] of (keys.match(/\u001B\[B|[\s\S]/g) ?? []).entries()) setTimeout(() => child.stdin.write(key), index * 30);
    }, 100);
  });
  const { exitCode, stdout } = await child;
  child.stdin.end();
  return { exitCode, text: stripVTControlCharacters(stdout), unasked: open.map(([question]) => question) };
};

describe('on a terminal', () => {
  test('it asks for everything, shows what it will do, and does it', async () => {
    const cwd = await scratch();
    const { exitCode, text, unasked } = await session(cwd, ['--no-install'], [
      ['Name of the app', `asked${enter}`],
      ['Web framework', `${down}${enter}`],
      ['Protections', enter],
      ['Change options', enter],
      ['Package manager', enter],
      ['git repository', 'n'],
      ['Create it?', 'y'],
    ]);
    expect(unasked).toEqual([]);
    expect(text).toContain('Created asked.');
    expect(exitCode).toBe(0);
    const lock: { target: string } = JSON.parse(readFileSync(path.join(cwd, 'asked/.secure-app/lock.json'), 'utf8'));
    expect(lock.target).toBe('express');
    expect(existsSync(path.join(cwd, 'asked/.git'))).toBe(false);
  });

  test('what a flag answers is not asked', async () => {
    const cwd = await scratch();
    const { exitCode, text } = await session(cwd, ['given', '--target', 'fastify', '--preset', 'minimal', '--pm', 'npm', '--no-install', '--no-git'], [['Create it?', 'y']]);
    expect(text).not.toMatch(/Web framework|Package manager|Name of the app|Protections \(/);
    expect([exitCode, readdirSync(cwd)]).toEqual([0, ['given']]);
  });

  test('Ctrl-C at a question leaves nothing behind', async () => {
    const cwd = await scratch();
    const { exitCode, text } = await session(cwd, ['--no-install'], [['Name of the app', `asked${enter}`], ['Web framework', controlC]]);
    expect(text).toContain('Cancelled; nothing was created.');
    expect([exitCode, readdirSync(cwd)]).toEqual([1, []]);
  });

  test('a no to the last question leaves nothing behind', async () => {
    const cwd = await scratch();
    const { exitCode } = await session(cwd, ['given', '--target', 'fastify', '--preset', 'minimal', '--pm', 'npm', '--no-install', '--no-git'], [['Create it?', 'n']]);
    expect([exitCode, readdirSync(cwd)]).toEqual([1, []]);
  });
});
