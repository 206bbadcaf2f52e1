import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { NodePlopAPI } from 'node-plop';
import prompts from 'prompts';
import { repositoryRoot } from '../scripts/catalogue/read.ts';
import { openStage, writeTree } from '../src/commit.ts';
import { sha256 } from '../src/digest.ts';
import { realDisk } from '../src/disk.ts';
import { Refusal, UsageError } from '../src/errors.ts';
import { camelCase } from '../src/render/code.ts';
import { isTerminal } from '../src/terminal.ts';
import { type Tree, byText } from '../src/tree.ts';
import { argumentsOf } from './arguments.ts';

const scaffold = path.join(import.meta.dirname, 'scaffold');
const items = /^[A-Z]\d{1,4}$/;

/**
 * The files of a new protection: complete, running, and with an attack that succeeds, so that its test is red.
 * @throws UsageError for an id or an item that cannot be one.
 */
export const protectionFiles = (id: string, item: string): Tree => {
  const problem = idProblem(id);
  if (problem !== undefined) throw new UsageError(problem);
  if (!items.test(item)) throw new UsageError('The item is a letter and a number, for example Q441.');
  const words = id.replaceAll('-', ' ');
  const fill = (text: string): string =>
    text.replaceAll('new-protection', id).replaceAll('newProtection', camelCase(id)).replaceAll('New protection', words.replace(/^./, (letter) => letter.toUpperCase())).replaceAll('Q000', item);
  const names = readdirSync(scaffold).toSorted(byText);
  return new Map(names.map((name) => [`templates/protections/${id}/${fill(name)}`, fill(readFileSync(path.join(scaffold, name), 'utf8'))]));
};

const idProblem = (id: string): string | undefined => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || id.length > 40) return 'The id is in kebab-case, for example my-protection.';
  return existsSync(path.join(repositoryRoot, 'templates/protections', id)) ? `templates/protections/${id} is there already.` : undefined;
};

/** `npm run new protection`: scaffolds a protection. Without a terminal: `npm run new protection -- <id> <item>`. */
export const registerProtection = (plop: NodePlopAPI): void => {
  plop.setGenerator('protection', {
    description: 'a new protection, with attacks that are red',
    prompts: async () => {
      const [id, item] = argumentsOf('protection', process.argv);
      if (id !== undefined) return { id, item: item ?? 'Q000' };
      if (!isTerminal(0)) throw new UsageError('Say which: npm run new protection -- <id> <item>');
      return prompts(
        [
          { type: 'text', name: 'id', message: 'Id, in kebab-case', validate: (text: string) => idProblem(text) ?? true },
          { type: 'text', name: 'item', message: 'The first item of the catalogue that it answers', validate: (text: string) => items.test(text) || 'For example Q441.' },
        ],
        {
          onCancel: () => {
            throw new Refusal('Cancelled; nothing was written.');
          },
        },
      );
    },
    actions: [
      ({ id, item }: Readonly<Record<string, unknown>> = {}) => {
        const files = protectionFiles(String(id), String(item));
        const stage = openStage(repositoryRoot, realDisk, sha256);
        try {
          writeTree(stage.directory, files, realDisk);
          stage.commit({ put: [...files.keys()].map((file) => ({ path: file, before: null })), remove: [] });
        } finally {
          stage.discard();
        }
        return `${files.size} files in templates/protections/${String(id)}; its attack is red until core.ts refuses it`;
      },
    ],
  });
};
