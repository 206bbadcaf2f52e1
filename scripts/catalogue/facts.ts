import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Catalogue, RenderProse, TemplateFile } from '../../src/catalogue.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';

/** What files say of routes and limits, by their paths in the emitted app. */
type FactsByPath = Readonly<Record<string, Pick<TemplateFile, 'routes' | 'limits' | 'businessLimits'>>>;

const isRegistry = (file: string): boolean => /^src\/(?:routes|protections)\/[^/]+\/(?:module|(?:business-)?limits)\.ts$/.test(file);

/**
 * The catalogue with the routes of its route modules, with its named limits and those of the business. They are read from the files
 * themselves, loaded in a process of their own in an app that has everything: what the pages show is what the app does.
 */
export const withFacts = (catalogue: Catalogue, renderProse: RenderProse, root: string): Catalogue => {
  const parts = [catalogue.base, ...Object.values(catalogue.protections)];
  const registries = parts.flatMap(({ files }) => files.flatMap((file) => (isRegistry(file.path) ? [file.path] : [])));
  if (registries.length === 0) return catalogue;
  const facts = loadFacts([...new Set(registries)], catalogue, renderProse, root);
  const told = <P extends { readonly files: readonly TemplateFile[] }>(part: P): P => ({
    ...part,
    files: part.files.map((file) => ({ ...file, ...facts[file.path] })),
  });
  const protections = Object.fromEntries(Object.entries(catalogue.protections).map(([id, part]) => [id, told(part)]));
  return { ...catalogue, base: told(catalogue.base), protections };
};

/** Run in the app: prints what the files that its arguments name say of routes and limits. */
const program = `
import { businessLimitFacts, limitFacts } from './scripts/docs/limits.ts';
import { routeFacts } from './scripts/docs/routes.ts';
const camelCase = (id) => id.replace(/-+(.)/g, (_, letter) => letter.toUpperCase());
const facts = {};
const files = process.argv.slice(1);
const registries = await Promise.all(files.filter((file) => file.endsWith('/business-limits.ts')).map((file) => import('./' + file)));
const declared = () => registries.flatMap(businessLimitFacts);
for (const file of files) {
  const before = new Set(declared().map(({ name }) => name));
  const exported = await import('./' + file);
  const module = exported[file.startsWith('src/routes/') ? camelCase(file.split('/')[2]) : 'module'];
  facts[file] = { routes: file.endsWith('/module.ts') ? routeFacts(module) : [], limits: file.endsWith('/limits.ts') ? limitFacts(exported) : [], businessLimits: declared().filter(({ name }) => !before.has(name)) };
}
process.stdout.write(JSON.stringify(facts), () => process.exit());
`;

const loadFacts = (registries: readonly string[], catalogue: Catalogue, renderProse: RenderProse, root: string): FactsByPath => {
  const cache = path.join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const app = mkdtempSync(path.join(cache, 'facts-'));
  try {
    const state = plan({ name: 'facts', target: 'fastify', preset: 'all', pinNode: false }, catalogue);
    for (const [file, text] of render(state, catalogue, renderProse)) {
      mkdirSync(path.dirname(path.join(app, file)), { recursive: true });
      writeFileSync(path.join(app, file), text);
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(app, 'node_modules'));
    return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...registries], { cwd: app, encoding: 'utf8' }));
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
};
