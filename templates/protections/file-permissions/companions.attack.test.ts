import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { canIsolate, companionNames, forkCompanion } from '#src/protections/file-permissions/companion.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { projectCopy } from '#tests/support/file-permissions/project.ts';

/** Tries what a flaw in a decoder would be used for; says for each what came of it. */
const probe = `
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
const outcomes = {};
const tries = (name, run) => { try { run(); outcomes[name] = 'done'; } catch (error) { outcomes[name] = error.code; } };
process.on('message', ({ port }) => {
  tries('read the program', () => readFileSync('src/companions/probe.ts'));
  tries('read data', () => readFileSync('data/canary'));
  tries('read .env', () => readFileSync('.env'));
  tries('read code of the app', () => readFileSync('src/server.ts'));
  tries('read passwd', () => readFileSync('/etc/passwd'));
  tries('write data', () => writeFileSync('data/new', ''));
  tries('write beside itself', () => writeFileSync('src/companions/new.ts', ''));
  tries('run a program', () => { const { error } = spawnSync(process.execPath, ['--version']); if (error) throw error; });
  outcomes.secrets = Object.keys(process.env).filter((name) => !name.startsWith('NODE_CHANNEL')).length;
  const end = (reached) => { process.send({ ...outcomes, network: reached }); };
  try {
    const socket = connect(port, '127.0.0.1', () => end(true));
    socket.on('error', () => end(false));
  } catch { end(false); }
});
`;

const withProbe = (): string => {
  const copy = projectCopy();
  mkdirSync(join(copy, 'src/companions'), { recursive: true });
  writeFileSync(join(copy, 'src/companions/probe.ts'), probe);
  writeFileSync(join(copy, 'data/canary'), 'canary');
  writeFileSync(join(copy, '.env'), 'SECRET=canary\n', { mode: 0o600 });
  return copy;
};

/** What a companion could do, and whether it reached a server of this machine. */
const outcomesOf = async (copy: string): Promise<Record<string, unknown>> => {
  const server = createServer((socket) => void socket.destroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address: AddressInfo | string | null = server.address();
  const child = forkCompanion(copy, 'probe');
  const answer = new Promise<unknown>((resolve) => void child.once('message', resolve));
  child.send({ port: typeof address === 'object' ? address?.port : 0 });
  const outcomes = await answer;
  child.kill('SIGKILL');
  server.close();
  assert.ok(typeof outcomes === 'object' && outcomes !== null);
  return { ...outcomes };
};

benign('companions are the programs of their folder', () => {
  const copy = withProbe();
  assert.ok(companionNames(copy).includes('probe'));
  assert.deepEqual(companionNames(join(copy, 'data')), []);
});

attack('Q437', 'a decoder in the hands of a stranger: no data, no secret, no code of the app, no other process, nothing to write to', async () => {
  process.env['CANARY_SECRET'] = 'canary';
  const { network, ...outcomes } = await outcomesOf(withProbe());
  delete process.env['CANARY_SECRET'];
  const denied = 'ERR_ACCESS_DENIED';
  assert.deepEqual(outcomes, {
    'read the program': 'done',
    'read data': denied,
    'read .env': denied,
    'read code of the app': denied,
    'read passwd': denied,
    'write data': denied,
    'write beside itself': denied,
    'run a program': denied,
    secrets: 0,
  });
  // Where neither the system nor Node can take the network away, the README says so.
  if (canIsolate() || process.allowedNodeEnvironmentFlags.has('--allow-net')) assert.equal(network, false);
});
