import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assetsFromSources } from '../../scripts/catalogue/assets.ts';
import { runDoctor } from '../../src/doctor/doctor-command.ts';
import { parseCommandLine } from '../../src/flags.ts';
import { scratch } from './fixtures.ts';

export const assets = await assetsFromSources();

export const write = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
};

/** A small repo on Express 5. */
export const repoWith = async (code: string, files: Readonly<Record<string, string>> = {}): Promise<string> => {
  const root = await scratch();
  write(root, { 'package.json': '{ "name": "fixture", "dependencies": { "express": "^5.0.0" } }', 'src/app.ts': `import express from 'express';\nconst app = express();\n${code}\n`, ...files });
  return root;
};

/** The verb, with what it prints. */
export const doctor = async (root: string, ...flags: readonly string[]): Promise<{ readonly exitCode: number; readonly out: string }> => {
  let out = '';
  const say = (text: string): void => void (out += text);
  const terminal = { out: say, err: say, strong: (text: string) => text, soft: (text: string) => text };
  const exitCode = await runDoctor({ line: parseCommandLine(['doctor', ...flags]), cwd: root, assets, terminal });
  return { exitCode, out };
};
