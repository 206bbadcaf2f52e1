import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { textAt } from '#src/protections/supply-chain/json.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { parseObject } from '#tests/support/json.ts';
import { npmOf, scratchFolder, write } from '#tests/support/supply-chain/npm.ts';
import { startRegistry } from '#tests/support/supply-chain/registry.ts';

// npm itself, under the policy of this project, against a registry on the loopback interface.
const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const policy = read('.npmrc');

const home = scratchFolder();
const npm = npmOf(home);
const registry = await startRegistry();
registry.publish('honest-part');
registry.publish('app-part', { dependencies: { 'honest-part': '1.0.0' } });
registry.publish('any-tool', { dependencies: { 'honest-part': '1.0.0' } });
registry.publish('tool-part');
registry.publish('script-part', { scripts: { postinstall: 'node -e "fs.writeFileSync(process.env.INIT_CWD + \'/ran\', \'\')"' } });

/** Locks that npm has written, by what was to be locked. */
const locks = new Map<string, string>();

/** A project under the policy of this one. Its lock is written by npm. */
const project = async (more: Readonly<Record<string, unknown>> = {}, ...flags: readonly string[]) => {
  const folder = scratchFolder();
  const description = { name: 'fixture', version: '0.1.0', private: true, dependencies: { 'honest-part': '1.0.0' }, ...more };
  write(folder, { 'package.json': description, '.npmrc': `${policy}\nregistry=${registry.url}\n` });
  const wanted = JSON.stringify([description, flags]);
  const known = locks.get(wanted);
  if (known === undefined) {
    const locked = await npm(folder, 'install', '--package-lock-only', '--no-audit', ...flags);
    assert.equal(locked.code, 0, locked.stderr);
  } else write(folder, { 'package-lock.json': known });
  const lock = (): string => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  locks.set(wanted, lock());
  return {
    folder,
    description,
    lock,
    ci: (...given: readonly string[]) => npm(folder, 'ci', '--no-audit', ...given),
    installed: (name: string) => existsSync(join(folder, 'node_modules', name, 'index.js')),
  };
};

benign('npm ci installs what the lock names', async () => {
  const { ci, installed, lock } = await project();
  const done = await ci();
  assert.equal(done.code, 0, done.stderr);
  assert.ok(installed('honest-part'));
  assert.doesNotMatch(lock(), /"resolved"/, 'the lock names hashes, not hosts');
});

attack('Q433', 'npm ci with a changed hash in the lock', async () => {
  const { folder, ci, installed, lock } = await project();
  assert.equal((await ci()).code, 0, 'the control');
  rmSync(join(folder, 'node_modules'), { recursive: true });
  write(folder, { 'package-lock.json': lock().replace(/sha512-.{8}/, 'sha512-AAAAAAAA') });
  const refused = await ci();
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /EINTEGRITY/);
  assert.equal(installed('honest-part'), false);
});

attack('Q433', 'npm ci when the registry serves other bytes for a known version', async () => {
  const { ci, installed } = await project({ dependencies: { 'tool-part': '1.0.0' } });
  registry.replace('tool-part');
  rmSync(join(home, 'cache'), { recursive: true, force: true });
  const before = registry.asked.length;
  const refused = await ci();
  assert.ok(registry.asked.length > before, 'the registry was asked');
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /EINTEGRITY/);
  assert.equal(installed('tool-part'), false);
});

attack('Q433', 'npm ci when package.json and the lock differ', async () => {
  const { folder, description, ci, installed } = await project();
  write(folder, { 'package.json': { ...description, dependencies: { 'honest-part': '1.0.0', 'script-part': '1.0.0' } } });
  const refused = await ci();
  assert.notEqual(refused.code, 0);
  assert.equal(installed('script-part'), false);
});

attack('Q433', 'a package with a postinstall script: it does not run', async () => {
  const { folder, ci } = await project({ dependencies: { 'script-part': '1.0.0' } }, '--ignore-scripts');
  const ran = (): boolean => existsSync(join(folder, 'ran'));
  const { stdout: version } = await npm(folder, '--version');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const knowsApprovals = major > 11 || (major === 11 && minor >= 16);
  // An npm that knows no approvals runs scripts where ignore-scripts is not set; there the lint of the lock is what is left.
  const done = await ci(...(knowsApprovals || /^ignore-scripts=true$/m.test(policy) ? [] : ['--ignore-scripts']));
  assert.equal(ran(), false, done.stderr);
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  await ci('--ignore-scripts=false', '--strict-allow-scripts=false');
  assert.equal(ran(), true, 'the script would have run');
});

attack('Q433', 'a dependency in git, or at an address outside of the registry', async () => {
  const { folder } = await project();
  for (const source of ['git+https://127.0.0.1:1/mallory/web.git', `${registry.url}elsewhere.tgz`]) {
    const before = registry.asked.length;
    const refused = await npm(folder, 'install', '--no-audit', source);
    assert.notEqual(refused.code, 0, source);
    assert.ok(/EALLOWGIT|EALLOWREMOTE/.test(refused.stderr) || !/allow-git|allow-remote/.test(policy), refused.stderr);
    assert.equal(registry.asked.slice(before).filter((path) => path.includes('elsewhere')).length, 0);
  }
});

/** The components of the SBOM that the script of this project writes in `folder`. */
const sbomOf = async (folder: string, ...flags: readonly string[]): Promise<string[]> => {
  const written = await npm(folder, 'run', '--silent', 'sbom', ...(flags.length > 0 ? ['--', ...flags] : []));
  assert.equal(written.code, 0, written.stderr);
  const { bomFormat, components } = parseObject(written.stdout);
  assert.equal(bomFormat, 'CycloneDX');
  assert.ok(Array.isArray(components));
  const addresses = components.map((component: unknown) => textAt(component, 'purl') ?? '');
  return addresses.map((purl) => purl.replace(/^pkg:npm\/|@[^@]*$/g, '').replace('%40', '@')).toSorted();
};

const { sbom } = parseObject(JSON.stringify(parseObject(read('package.json'))['scripts']));

attack('Q433', 'a production dependency that the SBOM does not list', async () => {
  // A tool that shares a package with the app, and stands before it in the alphabet.
  const { folder } = await project({ scripts: { sbom }, dependencies: { 'app-part': '1.0.0' }, devDependencies: { 'any-tool': '1.0.0' } });
  assert.deepEqual(await sbomOf(folder, '--package-lock-only'), ['any-tool', 'app-part', 'honest-part']);
  // The modules of this project may be linked from elsewhere, without a lock of their own.
  if (!existsSync(join(root, 'package-lock.json')) || lstatSync(join(root, 'node_modules')).isSymbolicLink()) return;
  const listed = new Set(await sbomOf(root));
  const locked = Object.entries(parseObject(JSON.stringify(parseObject(read('package-lock.json'))['packages'])));
  const production = locked.filter(([place, entry]) => {
    const { dev, optional, peer, devOptional } = parseObject(JSON.stringify(entry));
    return place !== '' && [dev, optional, peer, devOptional].every((flag) => flag !== true);
  });
  assert.ok(production.length > 5);
  for (const [place] of production) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    assert.ok(listed.has(name), name);
  }
});

attack('Q433', 'an engine that the project refuses', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'node_modules'));
  const description = { name: 'fixture', version: '0.1.0', engines: { node: '>=999.0.0' }, dependencies: { 'honest-part': '1.0.0' } };
  write(folder, { 'package.json': description, '.npmrc': `${policy}\nregistry=${registry.url}\n` });
  const refused = await npm(folder, 'install', '--no-audit');
  assert.match(refused.stderr, /EBADENGINE/);
  // Where the package `node` brings the runtime, npm itself runs on an older one: there it can only warn.
  assert.equal(refused.code === 0, !/^engine-strict=true$/m.test(policy));
});
