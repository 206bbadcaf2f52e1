import type { Catalogue } from '../catalogue.ts';
import type { Base, Service } from '../manifest.ts';
import { packageManagerFacts } from '../package-manager.ts';
import type { State } from '../plan.ts';

/** The first version of Node that has all that the emitted code uses. */
export const minimumNode = '24.7.0';

/** A part of the app, as far as package.json is concerned. */
type Packaged = Base | Service;

/**
 * The emitted package.json. Versions are exact, and stand in the order in which npm writes them.
 * @throws Error for a package without a version, and for a script that two parts bring.
 */
export const packageJson = (state: State, parts: readonly Packaged[], catalogue: Catalogue): string => {
  const { name, target, pinNode, packageManager } = state;
  const runtime = parts.flatMap((part) => [...(part.dependencies ?? []), ...(part.targetDependencies?.[target] ?? [])]);
  const development = [...parts.flatMap((part) => [...(part.devDependencies ?? []), ...(part.targetDevDependencies?.[target] ?? [])]), ...(pinNode ? ['node'] : [])];
  const data = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: `>=${minimumNode}` },
    imports: { '#src/*': './src/*', '#tests/*': './tests/*' },
    scripts: Object.fromEntries(scriptsOf(parts)),
    dependencies: versionsOf(runtime, catalogue),
    devDependencies: versionsOf(development.filter((dependency) => !runtime.includes(dependency)), catalogue),
    ...(pinNode ? packageManagerFacts[packageManager].allowScripts(['node']) : {}),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
};

/** The npm scripts of all parts. */
export const scriptsOf = (parts: readonly Packaged[]): [string, string][] => {
  const scripts = new Map<string, string>();
  for (const part of parts) {
    for (const [name, command] of Object.entries(part.scripts ?? {})) {
      if (scripts.has(name)) throw new Error(`Two parts bring the npm script \`${name}\`.`);
      scripts.set(name, command);
    }
  }
  return [...scripts];
};

const versionsOf = (names: readonly string[], { versions }: Catalogue): Record<string, string> => {
  const unversioned = names.find((name) => !Object.hasOwn(versions, name));
  if (unversioned !== undefined) throw new Error(`templates/package.json has no version of ${unversioned}.`);
  return Object.fromEntries(Object.entries(versions).filter(([name]) => names.includes(name)));
};
