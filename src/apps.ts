import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { kindOf } from './disk.ts';
import { Refusal, UsageError } from './errors.ts';
import { lockPath } from './lock.ts';

const deepest = 6;

/** The folders below `root`, and itself, that hold an app with a lock; follows no symbolic link. */
export const appsBelow = (root: string, depth = 0): string[] => {
  const own = kindOf(join(root, lockPath)) === 'file' ? [root] : [];
  if (depth === deepest) return own;
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'));
  return [...own, ...folders.map(({ name }) => join(root, name)).toSorted().flatMap((folder) => appsBelow(folder, depth + 1))];
};

/** What a verb came to in one app. */
export interface InApp {
  readonly text: string;
  readonly document: { readonly ok: boolean; readonly [more: string]: unknown };
  readonly exitCode: number;
}

/**
 * Does the same in every app below `root`; where one fails, the others are done all the same.
 * @returns a summary, and the worst exit code.
 * @throws Refusal when there is no app.
 */
export const inEvery = async (root: string, command: string, work: (app: string) => Promise<InApp>): Promise<InApp> => {
  const apps = appsBelow(root);
  if (apps.length === 0) throw new Refusal(`There is no ${lockPath} in ${root} or below it.`);
  const done: (InApp & { readonly app: string })[] = [];
  for (const app of apps) done.push({ app: relative(root, app) || '.', ...(await work(app).catch(failed)) });
  const good = done.filter(({ exitCode }) => exitCode === 0).length;
  return {
    text: `${done.map(({ app, text }) => `--- ${app}\n${text}`).join('\n')}\n${good} of ${done.length} are well${done.map(({ app, exitCode }) => (exitCode === 0 ? '' : `; ${app} ended with ${exitCode}`)).join('')}.\n`,
    document: { ok: good === done.length, command, apps: done.map(({ app, exitCode, document }) => ({ app, exitCode, ...document })) },
    exitCode: Math.max(...done.map(({ exitCode }) => exitCode)),
  };
};

const failed = (error: unknown): InApp => {
  if (!(error instanceof Refusal) && !(error instanceof UsageError)) throw error;
  return { text: `${error.message}\n`, document: { ok: false, error: error.message }, exitCode: error.exitCode };
};
