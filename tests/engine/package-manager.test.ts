import { describe, expect, test } from 'vitest';
import { packageManagers } from '../../src/package-manager.ts';
import { rendered } from './fixtures.ts';

/** What each package manager is told in the emitted project, besides what package.json says. */
const settings = { pnpm: 'pnpm-workspace.yaml', yarn: '.yarnrc.yml', bun: 'bunfig.toml' } as const;

describe('the settings of a package manager', () => {
  test.each(packageManagers)('%s finds its own and no other', (packageManager) => {
    const tree = rendered({ preset: 'minimal', packageManager });
    expect(Object.entries(settings).filter(([, file]) => tree.has(file)).map(([name]) => name)).toEqual(packageManager === 'npm' ? [] : [packageManager]);
  });

  test('take nothing that is younger than a week', () => {
    const text = Object.entries(settings).map(([packageManager, file]) => rendered({ preset: 'minimal', packageManager }).get(file));
    expect(text).toEqual([expect.stringContaining('minimumReleaseAge: 10080'), expect.stringContaining('npmMinimalAgeGate: 7d'), expect.stringContaining('minimumReleaseAge = 604800')]);
  });

  test('let no package run an install script', () => {
    expect(rendered({ preset: 'minimal', packageManager: 'pnpm' }).get('pnpm-workspace.yaml')).not.toMatch(/allowBuilds|onlyBuilt/);
    expect(rendered({ preset: 'minimal', packageManager: 'yarn' }).get('.yarnrc.yml')).toContain('enableScripts: false');
    expect(rendered({ preset: 'minimal', packageManager: 'bun' }).get('package.json')).not.toContain('trustedDependencies');
  });

  test('approve the pinned Node by its name', () => {
    const pinned = { preset: 'minimal', pinNode: true };
    expect(rendered({ ...pinned, packageManager: 'pnpm' }).get('pnpm-workspace.yaml')).toMatch(/allowBuilds:\n  node: true\nonlyBuiltDependencies:\n  - node\n/);
    expect(rendered({ ...pinned, packageManager: 'bun' }).get('package.json')).toContain('"trustedDependencies": [\n    "node"');
    expect(rendered({ ...pinned, packageManager: 'npm' }).get('package.json')).toContain('"allowScripts": {\n    "node": true');
  });
});
