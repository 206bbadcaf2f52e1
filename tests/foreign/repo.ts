import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dir } from 'tmp-promise';
import { onTestFinished } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import type { Changed } from '../../src/change.ts';
import { changeRequestOf } from '../../src/change-command.ts';
import { parseCommandLine } from '../../src/flags.ts';
import { addToForeign } from '../../src/foreign/add.ts';
import { catalogue } from '../engine/fixtures.ts';

const modules = path.join(repositoryRoot, 'node_modules');
/** Versions that are not those of our own packages stand there under other names. */
const older: Readonly<Record<string, string>> = { fastify: 'fastify-4', express: 'express-4', '@types/express': 'types-express-4' };

/** Loads for folders what the plugin of that name loads. */
const autoload = {
  'package.json': '{ "name": "@fastify/autoload", "version": "5.0.0", "main": "index.js", "types": "index.d.ts" }',
  'index.js': `const { join } = require('node:path');
const { readdirSync } = require('node:fs');
module.exports = async (app, { dir }) => {
  for (const name of readdirSync(dir)) if (name.endsWith('.js')) app.register(require(join(dir, name)).default);
};
module.exports.default = module.exports;
`,
  'index.d.ts': `import type { FastifyPluginAsync } from 'fastify';
export interface AutoloadPluginOptions { dir: string; options?: object }
declare const autoload: FastifyPluginAsync<AutoloadPluginOptions>;
export default autoload;
`,
} as const;

/** A copy of a repo of `tests/foreign`, with its packages linked. Returns the folder of the server. */
export const foreignRepo = async (name: string): Promise<string> => {
  const { path: copy, cleanup } = await dir({ unsafeCleanup: true, prefix: 'create-secure-app-' });
  onTestFinished(() => cleanup());
  cpSync(path.join(import.meta.dirname, name), copy, { recursive: true });
  const member = path.join(copy, 'packages/api');
  const root = existsSync(member) ? member : copy;
  const manifest: { dependencies?: Record<string, string>; devDependencies?: Record<string, string> } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies, '@types/node': '', 'ipaddr.js': '' };
  for (const [as, range] of Object.entries(wanted)) {
    const at = path.join(root, 'node_modules', as);
    const from = path.join(modules, range.startsWith('^4') ? (older[as] ?? as) : as);
    mkdirSync(path.dirname(at), { recursive: true });
    if (existsSync(from)) symlinkSync(from, at);
    else if (as === '@fastify/autoload') {
      mkdirSync(at);
      for (const [file, text] of Object.entries(autoload)) writeFileSync(path.join(at, file), text);
    }
  }
  return root;
};

/** Every file below `root` that is no package, by its path. */
export const filesOf = (root: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => !file.startsWith('node_modules') && statSync(path.join(root, file)).isFile())
      .toSorted()
      .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
  );

/** Runs `add` with these words and flags. */
export const add = async (root: string, ...words: readonly string[]): Promise<Changed & { readonly told: string }> => {
  const line = parseCommandLine(['add', ...words, '--allow-dirty', '--yes']);
  let told = '';
  const say = (text: string): void => {
    told += text;
  };
  const terminal = { out: say, err: say, strong: (text: string) => text, soft: (text: string) => text };
  const changed = await addToForeign(changeRequestOf('add', root, line), line.words.slice(1), line, { assets: { catalogue: () => catalogue, prose: () => () => '', notes: () => ({}), doctors: () => ({}) }, terminal });
  return { ...changed, told };
};
