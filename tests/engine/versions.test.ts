import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dirSync, setGracefulCleanup } from 'tmp-promise';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../../scripts/catalogue/read.ts';
import { isNewer, isOffline, lockedVersions, newestOf, pinnedLoosely, readObject, youngPinOf } from '../../scripts/versions/read.ts';

setGracefulCleanup();

/** `npm run versions` asks the registry; what it makes of the answers is tried here, without one. */
describe('the age of versions', () => {
  test('the pin that npm found too young is named; other failures are not taken for one', () => {
    const notarget = (what: string): string => `npm error code ETARGET\nnpm error notarget No matching version found for ${what} with a date before 11/15/2026, 11:49:39 AM.\n`;
    expect(youngPinOf(notarget('marked@18.2.1'))).toEqual({ name: 'marked', version: '18.2.1' });
    expect(youngPinOf(notarget('@types/node@24.19.2'))).toEqual({ name: '@types/node', version: '24.19.2' });
    expect(youngPinOf(notarget('marked@^18.2.1'))).toBeUndefined();
    expect(youngPinOf('npm error code ETARGET\nnpm error notarget No matching version found for marked@99.0.0.')).toBeUndefined();
    expect(isOffline('npm error code ENOTFOUND\nnpm error network request to https://registry.npmjs.org/x failed')).toBe(true);
    expect(isOffline(notarget('marked@18.2.1'))).toBe(false);
  });

  test('a young pin is let go where it stands, and nowhere else', () => {
    const { name: folder } = dirSync({ unsafeCleanup: true });
    mkdirSync(path.join(folder, 'templates'));
    const write = (file: string, manifest: unknown): void => writeFileSync(path.join(folder, file), JSON.stringify(manifest));
    write('package.json', { name: 'x', devDependencies: { a: '1.2.3', b: '1.2.3' } });
    write('templates/package.json', { dependencies: { a: '2.0.0' } });
    expect(pinnedLoosely(folder, { name: 'a', version: '1.2.3' })).toBe(true);
    expect(readObject(path.join(folder, 'package.json'))).toEqual({ name: 'x', devDependencies: { a: '<1.2.3', b: '1.2.3' } });
    expect(readObject(path.join(folder, 'templates/package.json'))).toEqual({ dependencies: { a: '2.0.0' } });
    expect(pinnedLoosely(folder, { name: 'c', version: '1.0.0' })).toBe(false);
  });

  test('what a lock names, nested and scoped, without workspaces', () => {
    const packages = {
      '': { name: 'x' },
      templates: { name: 't', version: '0.0.0' },
      'node_modules/t': { resolved: 'templates', link: true },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/@s/b': { version: '2.0.0' },
      'node_modules/a/node_modules/@s/b': { version: '1.9.0' },
    };
    const versions = lockedVersions({ packages });
    expect(versions).toEqual([{ name: 'a', version: '1.0.0' }, { name: '@s/b', version: '2.0.0' }, { name: '@s/b', version: '1.9.0' }]);
    expect(newestOf(versions)).toEqual(new Map([['a', '1.0.0'], ['@s/b', '2.0.0']]));
  });

  test('numbers are compared as numbers, and a release comes behind its pre-releases', () => {
    expect([['1.10.0', '1.9.9'], ['2.0.0', '1.99.99'], ['7.0.2007', '7.0.2004'], ['1.0.0', '1.0.0-rc.1']].map(([a = '', b = '']) => [isNewer(a, b), isNewer(b, a)])).toEqual(Array.from({ length: 4 }, () => [true, false]));
    expect([isNewer('1.2.3', '1.2.3'), isNewer('1.2.3+a', '1.2.3+b')]).toEqual([false, false]);
  });

  test('every emitted dependency is pinned, and its pin is the locked one', () => {
    const locked = newestOf(lockedVersions(readObject(path.join(repositoryRoot, 'package-lock.json'))));
    const { dependencies, devDependencies } = readObject(path.join(repositoryRoot, 'templates/package.json'));
    const pins: readonly [string, unknown][] = [dependencies, devDependencies].flatMap((group) => (typeof group === 'object' && group !== null ? Object.entries(group) : []));
    expect(pins.length).toBeGreaterThan(20);
    expect(pins.filter(([name, version]) => locked.get(name) !== version)).toEqual([]);
  });
});
