import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RouteFacts } from '../../templates/base/shared/scripts/docs/pages.ts';
import type { Catalogue, RenderProse, TemplateFile } from '../../src/catalogue.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';

/** The routes of every route module, by the path of its file in the emitted app. */
export type RoutesByPath = Readonly<Record<string, readonly RouteFacts[]>>;

const isRouteModule = (file: string): boolean => /^src\/(?:routes|protections)\/[^/]+\/module\.ts$/.test(file);

/**
 * The catalogue with the routes of its route modules. They are read from the modules themselves, loaded in a process
 * of their own in an app that has everything: what the page shows is what the app serves.
 */
export const withRoutes = (catalogue: Catalogue, renderProse: RenderProse, root: string): Catalogue => {
  const parts = [catalogue.base, ...Object.values(catalogue.protections)];
  const modules = parts.flatMap(({ files }) => files.flatMap((file) => (isRouteModule(file.path) ? [file.path] : [])));
  if (modules.length === 0) return catalogue;
  const routes = loadRoutes([...new Set(modules)], catalogue, renderProse, root);
  const told = <P extends { readonly files: readonly TemplateFile[] }>(part: P): P => ({
    ...part,
    files: part.files.map((file) => ({ ...file, routes: routes[file.path] ?? [] })),
  });
  const protections = Object.fromEntries(Object.entries(catalogue.protections).map(([id, part]) => [id, told(part)]));
  return { ...catalogue, base: told(catalogue.base), protections };
};

/** Run in the app: prints the routes of the modules that its arguments name. */
const program = `
import { routeFacts } from './scripts/docs/routes.ts';
const camelCase = (id) => id.replace(/-+(.)/g, (_, letter) => letter.toUpperCase());
const routes = {};
for (const file of process.argv.slice(1)) {
  const exported = await import('./' + file);
  routes[file] = routeFacts(file.startsWith('src/routes/') ? exported[camelCase(file.split('/')[2])] : exported.module);
}
process.stdout.write(JSON.stringify(routes), () => process.exit());
`;

const loadRoutes = (modules: readonly string[], catalogue: Catalogue, renderProse: RenderProse, root: string): RoutesByPath => {
  const cache = path.join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const app = mkdtempSync(path.join(cache, 'routes-'));
  try {
    const state = plan({ name: 'routes', target: 'fastify', preset: 'all', pinNode: false }, catalogue);
    for (const [file, text] of render(state, catalogue, renderProse)) {
      mkdirSync(path.dirname(path.join(app, file)), { recursive: true });
      writeFileSync(path.join(app, file), text);
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(app, 'node_modules'));
    return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...modules], { cwd: app, encoding: 'utf8' }));
  } finally {
    rmSync(app, { recursive: true, force: true });
  }
};
