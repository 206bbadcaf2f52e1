import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { loadConfig, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/file-permissions/boot-check.ts';
import { sandboxFlags } from '#src/protections/file-permissions/sandbox.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { inContext, lastStage, parseDockerfile } from '#tests/support/file-permissions/dockerfile.ts';
import { Running, projectCopy } from '#tests/support/file-permissions/project.ts';
import { send } from '#tests/support/http.ts';
import { parseObject } from '#tests/support/json.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const app = await startApp();

const development = { NODE_ENV: 'development', PORT: '0', LOG_LEVEL: 'info', BASE_URL: 'http://app.test' };
const start = (copy: string): Running => new Running(copy, ['src/server.ts'], development);

/** What a process said that must refuse to start; one that listens instead is ended. */
const refusalOf = (server: Running): Running['ended'] => {
  server.wrote(/"port":/).then(() => server.child.kill('SIGKILL'), () => undefined);
  return server.ended;
};

/** The status of a GET on a port of this machine. */
const statusOf = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host: 'app.test' }, agent: false }, (answer) => {
      resolve(answer.resume().statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });

/** What the boot check says of a project whose production server runs as `uid`. */
const problemsOf = (copy: string, uid: number, writable: readonly string[] = ['data']): readonly string[] => {
  const config = { ...loadConfig(development), NODE_ENV: 'production', WRITABLE_DIRS: writable } as const;
  return bootCheck({ ...processFacts(config), root: copy, uid });
};

benign('a project with the rights it should have starts and answers', async () => {
  const copy = projectCopy();
  writeFileSync(join(copy, '.env'), 'A=1\n', { mode: 0o600 });
  writeFileSync(join(copy, '.env.example'), 'A=\n', { mode: 0o644 });
  assert.deepEqual(problemsOf(copy, 10_001), []);
  const server = start(copy);
  const port = Number(await server.wrote(/"port":(\d+)/));
  assert.equal(await statusOf(port, '/healthz'), 200);
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});

benign('the sandboxed app starts, answers, keeps its process id and stops', async () => {
  const copy = projectCopy();
  const server = new Running(copy, ['--disable-proto=delete', 'src/start-sandboxed.ts'], development);
  const port = Number(await server.wrote(/"port":(\d+)/));
  assert.equal(await statusOf(port, '/healthz'), 200);
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});

attack('Q437', 'a secret file that others can read: the server does not start', async () => {
  const copy = projectCopy();
  writeFileSync(join(copy, '.env'), 'SECRET=canary\n');
  chmodSync(join(copy, '.env'), 0o644);
  const { code, stderr } = await refusalOf(start(copy));
  assert.equal(code, 1);
  assert.match(stderr, /\.env can be read by others/);
  assert.doesNotMatch(stderr, /canary/);
});

attack('Q437', 'every kind of secret file, readable for the group or for all', () => {
  const copy = projectCopy();
  mkdirSync(join(copy, 'secrets'), { mode: 0o700 });
  const named = ['.env', '.env.local', '.env.production', 'server.key', 'tls-key.pem', 'client.p12'];
  const files = [...named, 'data/signing.key', 'secrets/password'];
  for (const file of files) {
    const path = join(copy, file);
    writeFileSync(path, 'secret', { mode: 0o600 });
    assert.deepEqual(problemsOf(copy, 10_001), [], `${file} 0600`);
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      chmodSync(path, mode);
      assert.deepEqual(problemsOf(copy, 10_001), [`${path} can be read by others: chmod 600 it`], `${file} ${mode.toString(8)}`);
    }
    chmodSync(path, 0o600);
  }
});

attack('Q437', 'a data directory that everybody can write: the server does not start', async () => {
  const copy = projectCopy();
  chmodSync(join(copy, 'data'), 0o777);
  const { code, stderr } = await refusalOf(start(copy));
  assert.equal(code, 1);
  assert.match(stderr, /data can be written by all/);
});

attack('Q437', 'data elsewhere, or code, that everybody can write', () => {
  const copy = projectCopy();
  assert.deepEqual(problemsOf(copy, 10_001), []);
  chmodSync(join(copy, 'src'), 0o777);
  assert.equal(problemsOf(copy, 10_001).length, 1);
  chmodSync(join(copy, 'src'), 0o755);
  const elsewhere = projectCopy();
  chmodSync(elsewhere, 0o1777);
  assert.equal(problemsOf(copy, 10_001, [elsewhere]).length, 1, 'a sticky bit does not help: files can still be created');
});

attack('Q437', 'uid 0 in production: the server does not start', async () => {
  const copy = projectCopy();
  assert.deepEqual(problemsOf(copy, 10_001), []);
  assert.match(problemsOf(copy, 0).join(), /uid 0/);
  // As the process of a server; uid 0 comes from the facts where these tests do not run as root.
  const program = `
    import { assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
    import { bootCheck } from '#src/protections/file-permissions/boot-check.ts';
    const facts = processFacts(loadConfig({ NODE_ENV: 'production' }));
    assertSafeStart([bootCheck], { ...facts, uid: Number(process.argv[1]) });
    console.log('would start');`;
  const startAs = (uid: number) => new Running(copy, ['--input-type=module', '--eval', program, '--', String(uid)]).ended;
  const honest = await startAs(10_001);
  assert.match(honest.stdout, /would start/, honest.stderr);
  const refused = await startAs(0);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /uid 0/);
});

attack('Q437', 'new files and directories of the started app are readable for others', async () => {
  const copy = projectCopy();
  const program = `
    import { mkdirSync, statSync, writeFileSync } from 'node:fs';
    import { assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
    import { bootCheck } from '#src/protections/file-permissions/boot-check.ts';
    process.umask(0o022);
    assertSafeStart([bootCheck], processFacts(loadConfig({})));
    writeFileSync('data/upload', 'x');
    mkdirSync('data/folder');
    console.log(JSON.stringify({ file: statSync('data/upload').mode & 0o777, folder: statSync('data/folder').mode & 0o777 }));`;
  const { stdout, stderr } = await new Running(copy, ['--input-type=module', '--eval', program]).ended;
  assert.equal(stderr, '');
  assert.deepEqual(parseObject(stdout), { file: 0o600, folder: 0o700 });
});

/** Tries what a bug in a dependency would try; says for each what came of it. */
const probe = `
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
const outcomes = {};
const tries = (name, run) => { try { run(); outcomes[name] = 'done'; } catch (error) { outcomes[name] = error.code; } };
tries('read code', () => readFileSync('src/config.ts'));
tries('read modules', () => readdirSync('node_modules'));
tries('write data', () => writeFileSync('data/new', 'x'));
tries('change code', () => appendFileSync('src/config.ts', '// changed'));
tries('add code', () => writeFileSync('src/new.ts', ''));
tries('change package.json', () => appendFileSync('package.json', ' '));
tries('write beside', () => writeFileSync('new', ''));
tries('read .env', () => readFileSync('.env'));
tries('read .git', () => readFileSync('.git/HEAD'));
tries('read passwd', () => readFileSync('/etc/passwd'));
tries('run a program', () => { const { error } = spawnSync(process.execPath, ['--version']); if (error) throw error; });
tries('start a worker', () => new Worker('0', { eval: true }).unref());
console.log(JSON.stringify(outcomes));
`;

attack('Q437', 'a write to the app directory, a look at secrets, another process: ERR_ACCESS_DENIED under the sandbox', async () => {
  const copy = projectCopy();
  writeFileSync(join(copy, '.env'), 'SECRET=canary\n', { mode: 0o600 });
  mkdirSync(join(copy, '.git'));
  writeFileSync(join(copy, '.git/HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(copy, 'src/probe.js'), probe);
  const before = read('src/config.ts');
  const flags = sandboxFlags({ root: copy, writable: ['data'] });
  const { stdout, stderr } = await new Running(copy, [...flags, 'src/probe.js']).ended;
  const denied = 'ERR_ACCESS_DENIED';
  assert.deepEqual(
    parseObject(stdout === '' ? stderr : stdout),
    {
      'read code': 'done',
      'read modules': 'done',
      'write data': 'done',
      'change code': denied,
      'add code': denied,
      'change package.json': denied,
      'write beside': denied,
      'read .env': denied,
      'read .git': denied,
      'read passwd': denied,
      'run a program': denied,
      'start a worker': denied,
    },
    stderr,
  );
  assert.ok(existsSync(join(copy, 'data/new')));
  assert.equal(readFileSync(join(copy, 'src/config.ts'), 'utf8'), before);
});

attack('Q437', 'loose rights at a sandboxed start: refused before the sandbox hides them', async () => {
  const copy = projectCopy();
  writeFileSync(join(copy, '.env'), 'SECRET=canary\n');
  chmodSync(join(copy, '.env'), 0o644);
  const { code, stderr } = await refusalOf(new Running(copy, ['src/start-sandboxed.ts'], development));
  assert.equal(code, 1);
  assert.match(stderr, /\.env can be read by others/);
});

attack('Q437', 'an image that runs as root, or whose code its user may change', () => {
  const image = lastStage(parseDockerfile(read('Dockerfile')));
  const user = image.findLastIndex(({ name }) => name === 'USER');
  assert.match(image[user]?.value ?? '', /^[1-9]\d*(?::[1-9]\d*)?$/, 'a number, not 0');
  assert.ok(user > image.findLastIndex(({ name }) => ['COPY', 'ADD', 'RUN'].includes(name)), 'set last');
  for (const { value } of image.filter(({ name }) => name === 'COPY')) {
    assert.match(value, /--chown=0:0 /);
    assert.match(value, /--chmod=u=rwX,go=rX /);
  }
  const commands = image.filter(({ name }) => ['CMD', 'ENTRYPOINT', 'RUN'].includes(name));
  for (const { name, value } of commands) assert.match(value, /^\[/, `${name} without a shell`);
  assert.match(image.find(({ name }) => name === 'HEALTHCHECK')?.value ?? '', /CMD \["node"/);
});

attack('Q437', 'a secret that stays in a layer of the image, or code from an address', () => {
  for (const { name, value } of parseDockerfile(read('Dockerfile'))) {
    assert.notEqual(name, 'ADD');
    if (name === 'ARG' || name === 'ENV') assert.doesNotMatch(value, /secret|passw|token|key|_URL|credential/i);
    if (name === 'FROM') assert.match(value, /^[\w./-]+:\d+\.\d+\.\d+[\w.-]*(?: AS \w+)?$/, 'one version, not latest');
    if (name === 'COPY') assert.doesNotMatch(value, /\.env|\.git\b/);
  }
});

attack('Q437', 'secrets, history and data in the context of the image', () => {
  const dockerignore = read('.dockerignore');
  const needed = ['package.json', 'package-lock.json', '.npmrc', 'src/server.ts', 'src/protections/index.ts'];
  for (const path of needed) assert.ok(inContext(dockerignore, path), path);
  const secret = ['.env', '.env.production', '.git/HEAD', '.git/config', 'secrets/key', 'server.key'];
  const useless = ['src/deep/.env', 'src/deep/tls.key', 'data/pg/base', 'node_modules/a/index.js', '.secure-app/lock.json', 'tests/a.ts'];
  for (const path of [...secret, ...useless]) assert.equal(inContext(dockerignore, path), false, path);
});

attack('Q437', 'a composition that gives the app more than it needs', () => {
  const [, service = ''] = /^ {2}app:\n((?: {4}.*\n)+)/m.exec(read('compose.yaml')) ?? [];
  const limits = ['read_only: true', 'cap_drop: [ALL]', "security_opt: ['no-new-privileges:true']", 'pids_limit: '];
  for (const line of limits) assert.ok(service.includes(`    ${line}`), line);
  assert.match(service, /^ {4}user: '[1-9]\d*:[1-9]\d*'$/m);
  assert.doesNotMatch(read('compose.yaml'), /privileged: true|docker\.sock|network_mode: *['"]?host/);
  const published = [...read('compose.yaml').matchAll(/^ {4}ports: (.*)$/gm)].map(([, ports = '']) => ports);
  assert.deepEqual(published, ["['127.0.0.1:3000:3000']"], 'only the app, only on this machine');
});

attack('Q437', 'GET of /.git/HEAD, /.env and what else stands in the project', async () => {
  assert.equal((await send(app, 'GET', '/healthz')).status, 200);
  const present = readdirSync(root).filter((name) => statSync(join(root, name)).isFile());
  assert.ok(present.includes('package.json'));
  const hidden = ['/.git/HEAD', '/.git/config', '/.env', '/.env.local', '/src/server.ts', '/data/', '/node_modules/.package-lock.json'];
  const encoded = ['/%2eenv', '/.%65nv', '/..%2f.env', '/%2e%2e/.env'];
  for (const path of [...hidden, ...encoded, ...present.map((name) => `/${name}`)]) {
    const { status, text } = await send(app, 'GET', path);
    assert.ok(status === 404 || (status === 400 && path.includes('%')), `${path}: ${status}`);
    assert.doesNotMatch(text, /refs\/heads|"dependencies"/);
  }
});
