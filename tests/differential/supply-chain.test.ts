import { ValidateHost, ValidateHttps, ValidateIntegrity, ValidatePackageNames } from 'lockfile-lint-api';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { lockProblems, publicRegistry } from '../../templates/protections/supply-chain/lockfile.ts';
import { versionProblems } from '../../templates/protections/supply-chain/package-versions.ts';
import { meetsMinimum } from '../../templates/protections/supply-chain/versions.ts';

const every = <A, B, C>(as: readonly A[], bs: readonly B[], cs: readonly C[]): [A, B, C][] =>
  as.flatMap((a) => bs.flatMap((b) => cs.map((c): [A, B, C] => [a, b, c])));

describe('the lint of the lock, against lockfile-lint', () => {
  const names = ['web', '@team/part'];
  const bases = ['https://registry.npmjs.org/', 'http://registry.npmjs.org/', 'https://evil.test/', 'https://registry.npmjs.org.evil.test/', 'git+ssh://git@github.com/'];
  const paths = ['web/-/web-1.0.0.tgz', '@team/part/-/part-1.0.0.tgz', 'evil/-/evil-1.0.0.tgz', 'webb/-/webb-1.0.0.tgz', '@mallory/web/-/web-1.0.0.tgz'];
  const hashes = [`sha512-${'A'.repeat(86)}==`, 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA='];

  const theirs = (name: string, resolved: string, integrity: string): boolean => {
    const packages = { [`${name}@1.0.0`]: { version: '1.0.0', resolved, integrity } };
    return [
      new ValidateHost({ packages }).validate(['npm'], { emptyHostname: false }),
      new ValidateHttps({ packages }).validate(),
      new ValidateIntegrity({ packages }).validate(),
      new ValidatePackageNames({ packages }).validate(),
    ].every(({ type }) => type === 'success');
  };
  const ours = (name: string, resolved: string, integrity: string): boolean =>
    lockProblems(
      { lockfileVersion: 3, packages: { '': {}, [`node_modules/${name}`]: { version: '1.0.0', resolved, integrity } } },
      { registry: publicRegistry, scripts: [] },
    ).length === 0;

  test('both accept and refuse the same packages, hosts, schemes and hashes', () => {
    const cases = names.flatMap((name) => every(bases, paths, hashes).map(([base, path, hash]) => ({ name, resolved: base + path, hash })));
    expect(cases.filter(({ name, resolved, hash }) => ours(name, resolved, hash)).length).toBe(2);
    for (const { name, resolved, hash } of cases) expect(ours(name, resolved, hash), `${name} ${resolved} ${hash}`).toBe(theirs(name, resolved, hash));
  });

  test('ours also refuses what the library lets pass: no hash, no address that can be read, a path that leads elsewhere', () => {
    const [hash = ''] = hashes;
    for (const resolved of ['', 'web.tgz', '../web']) {
      expect(theirs('web', resolved, hash), resolved).toBe(true);
      expect(ours('web', resolved, hash), resolved).toBe(false);
    }
    const elsewhere = `${publicRegistry}web/-/../../evil/-/evil-1.0.0.tgz`;
    expect(theirs('web', elsewhere, hash)).toBe(true);
    expect(ours('web', elsewhere, hash)).toBe(false);
  });
});

describe('versions, against semver', () => {
  const parts = [0, 1, 6, 7, 9, 10, 24, 100];
  const versions = every(parts, parts, [0, 7, 10]).map((numbers) => numbers.join('.'));

  test('every version meets every minimum as semver says', () => {
    for (const minimum of ['0.0.0', '24.7.0', '9.10.7', '10.0.0', '100.6.10']) {
      for (const version of versions) expect(meetsMinimum(version, `>=${minimum}`), `${version} >=${minimum}`).toBe(semver.gte(version, minimum));
    }
  });

  test('what counts as one exact version is one for semver', () => {
    const texts = ['1.2.3', '1.2.3-beta.1', '1.2.3+build', '1.2.3-rc.1+5', '^1.2.3', '1.2', '1', '*', 'latest', '>=1.2.3', '1.2.3 || 2.0.0', '1.2.x', '', '1.2.3 - 2.0.0'];
    for (const text of texts) {
      expect(versionProblems({ dependencies: { web: text } }).length === 0, text).toBe(semver.valid(text) !== null);
    }
  });
});
