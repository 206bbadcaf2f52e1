import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { modules } from '#src/protections/index.ts';
import { routes } from '#src/routes/index.ts';
import protections from '../../docs/security/protections.json' with { type: 'json' };
import { projectFiles } from '../project-files.ts';
import { businessLimitFacts, limitFacts } from './limits.ts';
import { attackMarks, guardMarks, mayHoldGuards } from './marks.ts';
import type { SecurityFacts } from './pages.ts';
import { routeFacts } from './routes.ts';

const root = join(import.meta.dirname, '../..');

/** What this project is, from its registries and its files. Starts nothing. */
export const projectFacts = async (): Promise<SecurityFacts> => {
  const files = filesToRead();
  const declared = [...files.keys()].filter((path) => /^src\/protections\/[^/]+\/(?:business-)?limits\.ts$/.test(path));
  const loaded: unknown[] = await Promise.all(declared.map((path) => import(pathToFileURL(join(root, path)).href)));
  const guards = [...files].flatMap(([path, text]) => (mayHoldGuards(path) ? guardMarks(path, text) : []));
  const attacks = [...files].flatMap(([path, text]) => (path.startsWith('tests/attacks/') ? attackMarks(path, text) : []));
  return { protections, routes: [...modules, ...routes].flatMap(routeFacts), limits: loaded.flatMap(limitFacts), businessLimits: loaded.flatMap(businessLimitFacts), guards, attacks, files };
};

const filesToRead = (): Map<string, string> => {
  const paths = projectFiles(root).filter((path) => mayHoldGuards(path) || path.startsWith('tests/attacks/'));
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
};
