import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/supply-chain/boot-check.ts';
import { objectAt, textAt } from '#src/protections/supply-chain/json.ts';
import { type LockRules, lockProblems, publicRegistry, registryOf } from '#src/protections/supply-chain/lockfile.ts';
import { versionProblems } from '#src/protections/supply-chain/package-versions.ts';
import { workflowProblems } from '#src/protections/supply-chain/workflows.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { parseObject } from '#tests/support/json.ts';
import { run, scratchFolder, write } from '#tests/support/supply-chain/npm.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const integrity = `sha512-${'A'.repeat(86)}==`;
const honest = { version: '5.0.0', resolved: `${publicRegistry}web/-/web-5.0.0.tgz`, integrity };
const rules: LockRules = { registry: publicRegistry, scripts: ['approved'] };
type Entry = Readonly<Record<string, unknown>>;
const lockWith = (packages: Entry) => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/web': honest, ...packages } });
const lintWith = (entry: Entry): string[] => lockProblems(lockWith({ 'node_modules/web': { ...honest, ...entry } }), rules);

const commit = '0123456789abcdef0123456789abcdef01234567';
const workflow = (steps: string): string => `on: push\npermissions:\n  contents: read\njobs:\n  test:\n    steps:\n${steps}\n`;
const pinned = `      - uses: actions/checkout@${commit} # v6.0.1`;

const lint = (script: string, folder: string) => run(process.execPath, [join(root, 'scripts', script), folder], root);

benign('an honest lock passes, with and without addresses, nested, scoped and bundled', () => {
  const { resolved: _, ...withoutAddress } = honest;
  const lock = lockWith({
    'node_modules/plain': withoutAddress,
    'node_modules/@team/part': { version: '1.0.0', resolved: `${publicRegistry}@team/part/-/part-1.0.0.tgz`, integrity },
    'node_modules/@team/part/node_modules/web': honest,
    'node_modules/@team/part/node_modules/inside': { version: '1.0.0', inBundle: true },
    'node_modules/approved': { ...withoutAddress, hasInstallScript: true },
  });
  assert.deepEqual(lockProblems(lock, rules), []);
});

benign('a workflow with pinned actions passes', () => {
  assert.deepEqual(workflowProblems(workflow(`${pinned}\n      - uses: ./.github/actions/own`)), []);
});

benign('the package.json, the lock and the workflows of this project pass', async () => {
  assert.deepEqual(versionProblems(parseObject(read('package.json'))), []);
  // The modules may be linked from elsewhere, without a lock of their own.
  if (existsSync(join(root, 'package-lock.json'))) {
    const linted = await lint('lockfile-lint.ts', root);
    assert.equal(linted.code, 0, linted.stderr);
  }
  const linted = await lint('workflow-lint.ts', root);
  assert.equal(linted.code, 0, linted.stderr);
});

benign('this Node is new enough', () => {
  assert.deepEqual(bootCheck(processFacts(loadConfig({}))), []);
});

attack('Q433', 'a lock entry on plain http, in git, on another host or in a folder', () => {
  assert.deepEqual(lintWith({}), []);
  for (const resolved of [
    'http://registry.npmjs.org/web/-/web-5.0.0.tgz',
    'git+ssh://git@github.com/mallory/web.git#0123456789abcdef',
    'https://registry.npmjs.org.evil.test/web/-/web-5.0.0.tgz',
    'https://registry.npmjs.org@evil.test/web/-/web-5.0.0.tgz',
    'https://codeload.github.com/mallory/web/tar.gz/main',
    'file:../web.tgz',
    '../web.tgz',
    '',
  ]) {
    assert.match(lintWith({ resolved }).join(), /comes from/, resolved);
  }
  assert.match(lintWith({ resolved: '../web', link: true }).join(), /folder/);
  assert.match(lockProblems(lockWith({ '../outside': { version: '1.0.0', integrity } }), rules).join(), /folder/);
});

attack('Q433', 'a lock entry that is another package under a known name', () => {
  const others = ['evil/-/evil-5.0.0.tgz', 'webb/-/webb-5.0.0.tgz', '@mallory/web/-/web-5.0.0.tgz', 'web/-/../../evil/-/evil-5.0.0.tgz'];
  for (const path of others) {
    assert.match(lintWith({ resolved: `${publicRegistry}${path}` }).join(), /another package/, path);
  }
  assert.match(lintWith({ name: 'evil' }).join(), /alias/);
});

attack('Q433', 'a lock entry without a hash, or with one that can be forged', () => {
  for (const forged of [undefined, '', 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=', `md5-${'A'.repeat(22)}==`, `${integrity} sha1-AAAA`]) {
    assert.match(lintWith({ integrity: forged }).join(), /integrity/, forged);
  }
});

attack('Q433', 'a lock entry with an install script that nobody approved', () => {
  assert.match(lintWith({ hasInstallScript: true }).join(), /install script/);
});

attack('Q433', 'the lint of the lock ends with an error, and says nothing of credentials in an address', async () => {
  const folder = scratchFolder();
  const description = { name: 'fixture', version: '1.0.0', dependencies: { web: '5.0.0' } };
  const registry = registryOf(read('.npmrc'));
  write(folder, { 'package.json': description, '.npmrc': read('.npmrc') });
  assert.equal((await lint('lockfile-lint.ts', folder)).code, 1, 'no lock');
  write(folder, { 'package-lock.json': lockWith({ 'node_modules/web': { ...honest, resolved: `${registry}web/-/web-5.0.0.tgz` } }) });
  assert.equal((await lint('lockfile-lint.ts', folder)).code, 0, 'the control');
  const elsewhere = { ...honest, resolved: 'https://user:canary@evil.test/web.tgz' };
  write(folder, { 'package-lock.json': lockWith({ 'node_modules/web': elsewhere }) });
  const refused = await lint('lockfile-lint.ts', folder);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /evil\.test/);
  assert.doesNotMatch(refused.stderr, /canary/);
});

attack('Q433', 'a dependency by range, tag, git, address, folder or alias', () => {
  assert.deepEqual(versionProblems({ dependencies: { web: '5.0.0' }, overrides: { web: '$web', old: { deep: '1.2.3' } } }), []);
  const ranges = ['*', '', 'latest', 'next', '^5.0.0', '~5.0.0', '>=5', '5', '5.x', '5.0.0 || 6.0.0'];
  const elsewhere = ['git+https://evil.test/web.git', 'mallory/web', 'file:../web', 'npm:evil@5.0.0', 'https://evil.test/web.tgz'];
  for (const version of [...ranges, ...elsewhere]) {
    for (const section of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
      assert.equal(versionProblems({ [section]: { web: version } }).length, 1, `${section}: ${version}`);
    }
  }
  assert.equal(versionProblems({ overrides: { web: { deep: '*' } } }).length, 1);
});

attack('Q433', 'a workflow whose action is pinned by tag or branch', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  write(join(folder, '.github/workflows'), { 'ci.yml': workflow(pinned) });
  assert.equal((await lint('workflow-lint.ts', folder)).code, 0, 'the control');
  for (const step of [
    '      - uses: actions/checkout@v6',
    '      - uses: actions/checkout@main',
    '      - uses: actions/checkout',
    `      - uses: actions/checkout@${commit.slice(0, 7)} # v6`,
    '      - { name: x, uses: actions/checkout@v6 }',
    '      - "uses": "actions/checkout@v6"',
    '      - uses : actions/checkout@v6',
    '      - uses: docker://alpine:3',
  ]) {
    assert.match(workflowProblems(workflow(`${pinned}\n${step}`)).join(), /pinned/, step);
  }
  write(join(folder, '.github/workflows'), { 'ci.yml': workflow('      - uses: actions/checkout@v6') });
  const refused = await lint('workflow-lint.ts', folder);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /ci\.yml: actions\/checkout@v6/);
});

attack('Q433', 'a workflow with rights that nobody named, or with the text of strangers in a script', () => {
  const honestWorkflow = workflow(pinned);
  assert.deepEqual(workflowProblems(honestWorkflow), []);
  assert.match(workflowProblems(honestWorkflow.replace('permissions', 'rights')).join(), /permissions/);
  assert.match(workflowProblems(honestWorkflow.replace('permissions:\n  contents: read', 'permissions: write-all')).join(), /write-all/);
  assert.match(workflowProblems(honestWorkflow.replace('on: push', 'on: pull_request_target')).join(), /pull_request_target/);
  for (const text of ['github.event.issue.title', 'github.head_ref', ' format(github.event.pull_request.title) ']) {
    assert.match(workflowProblems(`${honestWorkflow}      - run: echo \${{ ${text} }}\n`).join(), /strangers/, text);
  }
});

attack('Q433', 'the workflow of this project misses one of its checks', () => {
  const text = read('.github/workflows/ci.yml');
  const steps = text.split('\n').filter((line) => line.includes('- run: '));
  const ofNpm = text.includes('npm ci') ? ['lockfile-lint', 'npm audit signatures', 'sbom'] : [];
  for (const command of ['workflow-lint', ' run typecheck', ' run lint', ' audit', ' test', ' run test:removal', ...ofNpm]) {
    assert.ok(steps.some((step) => step.includes(command)), command);
  }
  assert.doesNotMatch(text, /continue-on-error/);
});

attack('Q433', 'a start on an older Node, also one that is newer when compared as text', () => {
  const facts = processFacts(loadConfig({}));
  for (const nodeVersion of ['24.10.0', '24.100.0', '26.0.0', '100.0.0']) {
    assert.deepEqual(bootCheck({ ...facts, nodeVersion }), [], nodeVersion);
  }
  for (const nodeVersion of ['20.20.2', '22.99.0', '24.6.99', '24.6.0', '9.11.0', '3.0.0', '', 'newest', '24.7']) {
    assert.equal(bootCheck({ ...facts, nodeVersion }).length, 1, nodeVersion);
  }
});

attack('Q433', 'the process of a server on a Node that package.json refuses ends with an error', async () => {
  const folder = scratchFolder();
  const description = parseObject(read('package.json'));
  write(folder, { 'package.json': { ...description, engines: { node: '>=999.0.0' } } });
  const starts = `
    import { assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
    import { bootChecks } from '#src/protections/index.ts';
    const facts = { ...processFacts(loadConfig({})), root: process.argv[1], uid: undefined };
    const own = bootChecks.filter((check) => check(facts).every((problem) => problem.startsWith('Node must be')));
    assertSafeStart(own, facts);
    console.log('would start');`;
  const start = (place: string) => run(process.execPath, ['--input-type=module', '--eval', starts, '--', place], root);
  const control = await start(root);
  assert.match(control.stdout, /would start/, control.stderr);
  const refused = await start(folder);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /Node must be >=999\.0\.0/);
});

attack('Q433', 'the package that brings Node is older than what the app needs', () => {
  const description = parseObject(read('package.json'));
  const minimum = textAt(objectAt(description, 'engines'), 'node');
  const brought = textAt(objectAt(description, 'devDependencies'), 'node');
  assert.match(minimum ?? '', /^>=\d+\.\d+\.\d+$/);
  if (brought !== undefined) assert.deepEqual(bootCheck({ ...processFacts(loadConfig({})), nodeVersion: brought }), []);
});
