import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, emitApp } from '../tests/emitted/emitted-app.ts';
import { median } from './measure.ts';
import { type AppDatabase, type Person, addPeople, databases, password } from './people.ts';
import { type Server, cpuTime, printHead, printRow, raisedLimits, start, stop } from './servers.ts';

/**
 * `[DATABASE_URL=postgres://owner@host/db] node bench/sign-in.ts [rounds] [sign-ins]`: people sign in by their password, and the
 * same hash is verified as often by itself, in turn: how much of the CPU time of a sign-in is Argon2id.
 */
const [rounds = '5', signIns = '60'] = process.argv.slice(2);

/** As many at once as the app hashes at once. */
const atOnce = 2;

/** Runs in the emitted app: verifies a password, and tells of the CPU time of one, in microseconds, and of how many there were a second. */
const script = `
import { hashArgon2id, leastCost, pepperOf, readArgon2id } from '#src/protections/auth-password/hashing/argon2id.ts';

const [count, password] = process.argv.slice(2);
const pepper = pepperOf(Buffer.alloc(32, 1));
const stored = readArgon2id(await hashArgon2id(password, leastCost, pepper));
let left = Number(count);
const verifyAll = async () => {
  while (left > 0) {
    left -= 1;
    if (!(await stored.verify(password, pepper))) throw new Error('The password does not fit.');
  }
};
const [cpu, started] = [process.cpuUsage(), performance.now()];
await Promise.all(Array.from({ length: ${atOnce} }, verifyAll));
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ microseconds: (user + system) / Number(count), perSecond: (Number(count) * 1000) / (performance.now() - started) }));
`;

interface Round {
  readonly microseconds: number;
  readonly perSecond: number;
}

let clients = 0;

/** Somebody at a machine of their own: the limits for one address are not what is measured. */
const signIn = async ({ url }: Server, { email }: Person): Promise<void> => {
  clients += 1;
  const headers = { 'x-forwarded-for': `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}` };
  const before = await fetch(`${url}/auth/csrf`, { headers });
  const { token }: { token: string } = JSON.parse(await before.text());
  const [cookie = ''] = before.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  const answer = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { ...headers, cookie, 'x-csrf-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`A sign-in answers ${answer.status}: ${await answer.text()}`);
  await answer.text();
};

const signAllIn = async (server: Server, people: readonly Person[], count: number): Promise<Round> => {
  const [cpu, started] = [cpuTime(server.process), performance.now()];
  let done = 0;
  const worker = async (): Promise<void> => {
    while (done < count) {
      done += 1;
      const person = people[done % people.length];
      if (person !== undefined) await signIn(server, person);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { microseconds: (cpuTime(server.process) - cpu) / count, perSecond: (count * 1000) / (performance.now() - started) };
};

const measure = async (target: Target, app: ReturnType<typeof emitApp>, database: AppDatabase): Promise<void> => {
  const people = await addPeople(app, database.env, 20);
  writeFileSync(path.join(app.directory, 'argon2id.ts'), script);
  const env = { ...raisedLimits, ...database.env, TRUSTED_PROXIES: '127.0.0.1' };
  const server = await start(`emitted ${target}`, app.directory, path.join('src', 'server.ts'), env);
  const count = Number(signIns);
  await signAllIn(server, people, 2 * count);
  const runs: { readonly all: Round; readonly hash: Round }[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    const all = await signAllIn(server, people, count);
    const output = await app.run(`node argon2id.ts ${count} '${password}'`);
    const hash: Round = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    runs.push({ all, hash });
  }
  stop(server);
  const of = (figure: (run: { readonly all: Round; readonly hash: Round }) => number, digits: number): string => median(runs.map(figure)).toFixed(digits);
  printRow([
    target,
    database.name,
    of(({ all }) => all.perSecond, 1),
    of(({ hash }) => hash.perSecond, 1),
    of(({ all }) => all.microseconds / 1000, 1),
    of(({ hash }) => hash.microseconds / 1000, 1),
    of(({ all, hash }) => hash.microseconds / all.microseconds, 2),
  ]);
};

printHead(['target', 'database', 'sign-ins/s', 'Argon2id alone/s', 'CPU of a sign-in, ms', 'CPU of Argon2id, ms', 'share of Argon2id']);
for (const target of targets) {
  const app = emitApp('sign-in', target, allProtections);
  for await (const database of databases(app)) await measure(target, app, database);
}
