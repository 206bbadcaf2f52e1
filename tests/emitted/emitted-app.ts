import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { dirSync, setGracefulCleanup } from 'tmp-promise';
import { proseFromSources } from '../../scripts/catalogue/prose.ts';
import { readCatalogue, repositoryRoot } from '../../scripts/catalogue/read.ts';
import { protectionNeeds } from '../../src/catalogue.ts';
import type { Target } from '../../src/manifest.ts';
import { closure } from '../../src/order.ts';
import { plan } from '../../src/plan.ts';
import { render } from '../../src/render.ts';
import type { Tree } from '../../src/tree.ts';

const { catalogue, proseSources } = await readCatalogue();
const prose = proseFromSources(proseSources);
setGracefulCleanup();
const needs = protectionNeeds(catalogue);

/** Ids of every protection, sorted. */
export const allProtections: readonly string[] = Object.keys(catalogue.protections);

/** The files with the attacks of a protection. */
export const attacksOf = (id: string): readonly string[] =>
  (catalogue.protections[id]?.files ?? []).flatMap(({ path: file }) => (file.endsWith('.attack.test.ts') ? [file] : []));

const foundation = allProtections.filter((id) => catalogue.protections[id]?.manifest.foundation === true);

/** A choice with all that it requires. */
export const close = (ids: readonly string[]): string[] => closure([...foundation, ...ids], needs);

/** The files of an app with exactly these protections. */
export const renderApp = (target: Target, protections: readonly string[]): Tree => {
  const wish = { name: 'emitted-app', target, preset: 'minimal', with: protections, pinNode: false };
  return render(plan(wish, catalogue), catalogue, prose);
};

/** An app on disk, with the dependency tree that all emitted apps of this repo share. */
export interface EmittedApp {
  readonly directory: string;
  /**
   * Runs one of its npm scripts, or a command of its dependencies.
   * @throws Error with all of the output when it fails.
   */
  run(command: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** The command of one of its npm scripts. */
  script(name: string): string;
  remove(): void;
}

/** Outside of this repo, whose .gitignore the linter would obey; gone when the tests end. */
const workshop = dirSync({ prefix: 'emitted-apps-', unsafeCleanup: true });

/** Node keeps here what it made of the dependencies, which all apps share. */
const compileCache = path.join(workshop.name, 'compile-cache');

/** Writes an app to a folder of its own, anew. */
export const emitApp = (name: string, target: Target, protections: readonly string[]): EmittedApp => {
  const directory = path.join(workshop.name, `${target}-${name}`);
  rmSync(directory, { recursive: true, force: true });
  const tree = renderApp(target, protections);
  for (const [file, text] of tree) {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  }
  const modules = path.join(directory, 'node_modules');
  if (!existsSync(modules)) symlinkSync(path.join(repositoryRoot, 'node_modules'), modules);
  const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(tree.get('package.json') ?? '{}');
  return {
    directory,
    run: (command, env = {}) => runIn(directory, command, env),
    script: (wanted) => scripts[wanted] ?? '',
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** What the test runner or a user's shell sets must not reach the app: its tests decide by what it reads. */
const ofRunner = ['NODE_OPTIONS', 'NODE_TEST_CONTEXT', 'CI', 'TEST', 'VITEST', 'MODE', 'DEV', 'PROD', 'SSR'];
const parts = [catalogue.base, ...Object.values(catalogue.services), ...Object.values(catalogue.protections)];
const foreign = new Set([...parts.flatMap(({ manifest }) => Object.keys(manifest.env ?? {})), ...ofRunner]);

const runIn = async (cwd: string, command: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.has(name) && !name.startsWith('VITEST_')));
  const bin = path.join(repositoryRoot, 'node_modules/.bin');
  const result = await execa(command, {
    cwd,
    shell: true,
    reject: false,
    all: true,
    extendEnv: false,
    env: { ...inherited, NODE_COMPILE_CACHE: compileCache, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`, ...env },
  });
  if (result.exitCode !== 0) throw new Error(`${command} in ${cwd} ended with ${result.exitCode ?? result.signal}:\n${failures(result.all ?? '')}`);
  return result.all ?? '';
};

/** The end of a long output holds the failures; the start, what ran. */
const failures = (output: string): string => (output.length > 12_000 ? `${output.slice(0, 2_000)}\n...\n${output.slice(-10_000)}` : output);
