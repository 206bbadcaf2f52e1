import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/encryption/boot-check.ts';
import { createKeyFile, readKeyFile } from '#src/services/keys/key-file.ts';
import { openMasterKey } from '#src/services/keys/open-master-key.ts';
import { newDerivation } from '#src/services/keys/passphrase.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { keyFolder, run } from '#tests/support/encryption/processes.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '1' } });
const folder = keyFolder();
const honest = join(folder, 'honest.key');
createKeyFile(honest);
const passphrase = 'correct horse battery staple, and a lamp';

const problemsOf = (MASTER_KEY_FILE: string, settings: Partial<Config> = {}, uid = process.getuid?.()): string => {
  const facts = processFacts({ ...app.context.config, NODE_ENV: 'production', MASTER_KEY_FILE, ...settings });
  return bootCheck({ ...facts, uid }).join('\n');
};

const put = (name: string, content: Uint8Array | string, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
};

/** The checks of a start, as a process. */
const check = `
  import { assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
  import { bootCheck } from '#src/protections/encryption/boot-check.ts';
  assertSafeStart([bootCheck], processFacts(loadConfig(process.env)));`;
const startWith = (env: Readonly<Record<string, string>>) => run(['--input-type=module', '--eval', check], { NODE_ENV: 'production', ...env });

benign('a key file as it should be is taken, in production too', async () => {
  assert.equal(problemsOf(honest), '');
  assert.equal((await startWith({ MASTER_KEY_FILE: honest })).code, 0);
  const key = await openMasterKey({ ...app.context.config, MASTER_KEY_FILE: honest });
  assert.equal((await key.unwrap(await key.wrap(Buffer.from('secret'), 'place'), 'place')).toString(), 'secret');
});

benign('outside of production the first start makes a key', async () => {
  const path = join(folder, 'new', 'master.key');
  assert.equal(problemsOf(path, { NODE_ENV: 'development' }), '');
  await openMasterKey({ ...app.context.config, MASTER_KEY_FILE: path });
  assert.equal(statSync(path).size, 32);
  assert.deepEqual(readdirSync(join(folder, 'new')), ['master.key']);
});

benign('a passphrase gives the same key at every start', async () => {
  const config: Config = { ...app.context.config, MASTER_KEY_FILE: join(folder, 'derived.key'), MASTER_KEY_PASSPHRASE: passphrase };
  const first = await openMasterKey(config);
  const wrapped = await first.wrap(Buffer.from('secret'), 'place');
  assert.equal((await (await openMasterKey(config)).unwrap(wrapped, 'place')).toString(), 'secret');
  const other = await openMasterKey({ ...config, MASTER_KEY_PASSPHRASE: `${passphrase}!` });
  await assert.rejects(other.unwrap(wrapped, 'place'));
});

attack('Q461', 'a key file that others can read, or write', async () => {
  const path = put('loose.key', randomBytes(32));
  assert.equal(problemsOf(path), '');
  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o602, 0o601]) {
    chmodSync(path, mode);
    assert.match(problemsOf(path), /loose\.key can be read by others/, mode.toString(8));
  }
  chmodSync(path, 0o400);
  assert.equal(problemsOf(path), '', 'stricter than 0600');
  chmodSync(path, 0o644);
  assert.notEqual((await startWith({ MASTER_KEY_FILE: path })).code, 0);
});

attack('Q461', 'a key file of somebody else', () => {
  assert.equal(problemsOf(honest), '');
  const uid = statSync(honest).uid;
  assert.match(problemsOf(honest, {}, uid + 1), /must belong to the user of the app/);
});

attack('Q461', 'a link in the place of the key file; no file at all, but a folder', async () => {
  const link = join(folder, 'link.key');
  symlinkSync(honest, link);
  mkdirSync(join(folder, 'folder.key'), { mode: 0o700 });
  linkSync(honest, join(folder, 'same.key'));
  assert.equal(problemsOf(join(folder, 'same.key')), '');
  assert.match(problemsOf(link), /must be a file, not a link/);
  assert.match(problemsOf(join(folder, 'folder.key')), /must be a file|cannot be read/);
  assert.notEqual((await startWith({ MASTER_KEY_FILE: link })).code, 0);
});

attack('Q461', 'keys that are short, long, zero, samples or text', async () => {
  const text = randomBytes(16).toString('hex');
  const series = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  const keys = {
    short: randomBytes(16),
    long: randomBytes(33),
    encoded: Buffer.from(randomBytes(32).toString('base64')),
    empty: Buffer.alloc(0),
    zeros: Buffer.alloc(32),
    repeated: Buffer.alloc(32, randomBytes(8)),
    series,
    reversed: Buffer.from(series.toReversed()),
    strided: Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 7) & 0xff)),
    text: Buffer.from(text),
    words: Buffer.from('this-is-a-very-secret-master-key'),
  };
  assert.equal(keys.words.length, 32);
  for (let round = 0; round < 200; round += 1) assert.equal(problemsOf(put('random.key', randomBytes(32))), '');
  for (const [name, key] of Object.entries(keys)) assert.match(problemsOf(put(`${name}.key`, key)), /must hold 32 random bytes|not random bytes/, name);
  const starts = ['short', 'zeros', 'words'].map((name) => startWith({ MASTER_KEY_FILE: join(folder, `${name}.key`) }));
  for (const { code } of await Promise.all(starts)) assert.notEqual(code, 0);
});

attack('Q461', 'the server itself does not start on a bad key', async () => {
  const env = { NODE_ENV: 'development', PORT: '0', LOG_LEVEL: 'info', MASTER_KEY_FILE: honest };
  const database = app.context.config.DATABASE_URL === undefined ? {} : { MASTER_KEY_FILE: app.context.config.MASTER_KEY_FILE };
  const start = (key: Readonly<Record<string, string>>) => run(['src/server.ts'], { ...env, ...key });
  const [taken, refused] = await Promise.all([start(database), start({ MASTER_KEY_FILE: put('zero.key', Buffer.alloc(32)) })]);
  assert.match(taken.output, /"listening"/);
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /zero\.key holds a sample or a text/);
});

attack('Q461', 'production without a key does not make one up', async () => {
  const path = join(folder, 'absent.key');
  assert.match(problemsOf(path), /MASTER_KEY_FILE names no file/);
  const { code, output } = await startWith({ MASTER_KEY_FILE: path });
  assert.notEqual(code, 0);
  assert.match(output, /npm run keys -- init/);
  await assert.rejects(openMasterKey({ ...app.context.config, NODE_ENV: 'production', MASTER_KEY_FILE: path }), ConfigError);
  assert.equal(existsSync(path), false);
});

attack('Q461', 'first starts at the same time: one key, whole, for this user alone from the beginning', async () => {
  const path = join(folder, 'parallel', 'master.key');
  const program = `
    import { loadConfig } from '#src/config.ts';
    import { openMasterKey } from '#src/services/keys/open-master-key.ts';
    process.umask(0);
    const key = await openMasterKey(loadConfig(process.env));
    console.log(await key.wrap(Buffer.from('secret'), 'place'));`;
  const start = () => run(['--input-type=module', '--eval', program], { NODE_ENV: 'development', MASTER_KEY_FILE: path });
  const ended = await Promise.all([start(), start()]);
  const key = await openMasterKey({ ...app.context.config, MASTER_KEY_FILE: path });
  for (const { code, output } of ended) {
    assert.equal(code, 0, output);
    assert.equal((await key.unwrap(output.trim(), 'place')).toString(), 'secret');
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(createKeyFile(path), false, 'a key is never replaced');
  assert.deepEqual(readdirSync(join(folder, 'parallel')), ['master.key']);
});

attack('Q461', 'a passphrase or a derivation that is too weak', async () => {
  const derive = (parameters: string, salt = randomBytes(16)): string => put('weak.key', `$scrypt$${parameters}$${salt.toString('base64url')}\n`);
  const settings = { MASTER_KEY_PASSPHRASE: passphrase };
  assert.equal(problemsOf(put('weak.key', newDerivation()), settings), '');
  assert.equal(problemsOf(derive('ln=17,r=8,p=1'), settings), '');
  for (const parameters of ['ln=16,r=8,p=1', 'ln=17,r=7,p=1', 'ln=17,r=8,p=0', 'ln=1,r=1,p=1', 'ln=40,r=8,p=1']) {
    assert.match(problemsOf(derive(parameters), settings), /scrypt parameters/, parameters);
  }
  assert.match(problemsOf(derive('ln=17,r=8,p=1', randomBytes(8)), settings), /salt/);
  for (const other of ['$pbkdf2$i=100000$c2FsdHNhbHRzYWx0c2FsdA', randomBytes(32), 'ln=17']) {
    assert.match(problemsOf(put('weak.key', other), settings), /must hold the parameters/);
  }
  assert.match(problemsOf(derive('ln=17,r=8,p=1'), { MASTER_KEY_PASSPHRASE: 'too short a phrase' }), /20 characters/);
  const { code, output } = await startWith({ MASTER_KEY_FILE: derive('ln=10,r=8,p=1'), ...settings });
  assert.notEqual(code, 0);
  assert.match(output, /scrypt parameters/);
});

attack('Q461', 'the key shows in no log and in no error', async () => {
  const { config, services } = app.context;
  const file = readKeyFile(config.MASTER_KEY_FILE, process.getuid?.());
  assert.ok(file !== 'absent' && 'content' in file);
  const secrets = services.keys.list().flatMap(({ secret }) => (secret === undefined ? [] : [secret]));
  const weak = Buffer.alloc(32, randomBytes(8));
  const path = put('shown.key', weak);
  const refused = await startWith({ MASTER_KEY_FILE: path });
  assert.notEqual(refused.code, 0);
  const short = await startWith({ MASTER_KEY_FILE: put('shown.phrase', newDerivation()), MASTER_KEY_PASSPHRASE: 'canary-phrase' });
  assert.notEqual(short.code, 0);
  app.context.log.error({ services, config, keys: services.keys, err: new Error('a failure') }, 'everything that is at hand');
  const shown = [refused.output, short.output, app.log.text].join('\n');
  assert.match(shown, /a failure/);
  assert.doesNotMatch(shown, /canary-phrase/);
  for (const bytes of [file.content, weak, ...secrets]) {
    for (const text of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('latin1'), bytes.join(',')]) {
      assert.equal(shown.includes(text), false);
    }
  }
});
