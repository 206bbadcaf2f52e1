import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setImmediate as tick, setTimeout as timer } from 'node:timers/promises';
import { pino } from 'pino';
import Type from 'typebox';
import { ContextKey, NoRequestContext, type RequestContext, currentContext } from '#src/protections/app-core/context.ts';
import { DomainEvents } from '#src/protections/app-core/events.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';
import { LogCapture } from '#tests/support/log.ts';
import { bindingInWrongPlace, routeWithoutPolicy, sharedRequestState } from '#tests/support/native.ts';

const Seen = closed({ actor: Type.String(), token: Type.String() });
const token = new ContextKey<string>();
const late: { context: RequestContext; read: () => RequestContext }[] = [];
const slow: { aborted: boolean; wrote: boolean; entered: () => void; left: Promise<void> }[] = [];

/** Hops between the event loop's phases a random number of times, so that requests overlap in every order. */
const wander = async (): Promise<void> => {
  for (let hops = Math.floor(Math.random() * 8); hops > 0; hops -= 1) await tick();
};

const describeActor = () => currentContext().actor?.id ?? 'nobody';

const fixture = defineModule({
  id: 'fixture',
  prefix: '/fixture',
  routes: [
    route(
      { method: 'GET', path: '/who', access: 'public', input: { query: closed({ token: Type.String() }) }, output: Seen, summary: 'Echo' },
      async ({ input, context }) => {
        token.set(context, input.query.token);
        await wander();
        return ok({ actor: describeActor(), token: token.get(currentContext()) ?? 'none' });
      },
    ),
    route({ method: 'GET', path: '/late', access: 'public', input: {}, output: closed({}), summary: 'Keeps its context' }, ({ context }) => {
      late.push({ context, read: () => currentContext() });
      return ok({});
    }),
    route({ method: 'GET', path: '/slow', access: 'public', input: {}, output: closed({}), summary: 'Works until told' }, async ({ context }) => {
      const job = slow.at(-1);
      if (job === undefined) throw new Problem(409);
      const aborted = once(context.signal, 'abort');
      job.entered();
      await aborted;
      job.aborted = context.signal.aborted;
      if (!context.signal.aborted) job.wrote = true;
      return ok({});
    }),
  ],
});

const app = await startApp({ modules: [fixture] });

benign('a signed in user is seen by the handler', async () => {
  const answer = await send(app, 'GET', '/fixture/who?token=t1', { headers: as('alice') });
  assert.equal(answer.status, 200);
  const { token: seen } = answer.json();
  assert.equal(seen, 't1');
});

benign('an event reaches its listener', async () => {
  const own = await startApp();
  const ports: number[] = [];
  own.context.events.on('app.started', ({ port }) => void ports.push(port));
  own.context.events.emit('app.started', { port: 7 });
  await tick();
  assert.deepEqual(ports, [7]);
  await own.close();
});

attack('Q403', '200 interleaved requests of 20 users: none sees the state of another', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const answer = await send(app, 'GET', `/fixture/who?token=t${index}`, { headers: as(`user${index % 20}`) });
      assert.equal(answer.status, 200);
      return { index, seen: answer.json() };
    }),
  );
  const mixedUp = answers.filter(({ index, seen }) => seen['token'] !== `t${index}`);
  assert.deepEqual(mixedUp, []);
});

attack('Q403', 'the accessor outside any request throws', () => {
  assert.throws(() => currentContext(), NoRequestContext);
});

attack('Q403', 'a timer that outlives its response finds no context, least of all that of another request', async () => {
  const answer = await send(app, 'GET', '/fixture/late');
  assert.equal(answer.status, 200);
  const kept = late.at(-1);
  assert.ok(kept);
  while (!kept.context.ended) await tick();
  assert.throws(kept.read, NoRequestContext);
});

attack('Q403', 'a client that leaves: the signal fires and the write after it does not happen', async () => {
  let entered = () => {};
  const inside = new Promise<void>((resolve) => (entered = resolve));
  const job = { aborted: false, wrote: false, entered, left: inside };
  slow.push(job);
  const outgoing = httpRequest({ host: '127.0.0.1', port: app.port, path: '/fixture/slow', headers: { host: 'app.test' } });
  outgoing.on('error', () => {});
  outgoing.end();
  await inside;
  outgoing.destroy();
  while (!job.aborted) await tick();
  assert.equal(job.wrote, false);
});

attack('Q403', 'a client that leaves while a guard decides: the handler does not run for nobody', async () => {
  const served: string[] = [];
  const waiting: { context: RequestContext; decide: () => void }[] = [];
  const slowGuard = ({ context }: { readonly context: RequestContext }): Promise<undefined> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    waiting.push({ context, decide: () => resolve(undefined) });
    return promise;
  };
  const listed = route({ method: 'GET', path: '/', access: 'public', input: {}, output: closed({}), summary: 'Behind a slow guard' }, () => {
    served.push('served');
    return ok({});
  });
  const guarded = await startApp({ modules: [defineModule({ id: 'slow-guard', prefix: '/slow', guards: [slowGuard], routes: [listed] })] });
  const nextDecision = async () => {
    for (;;) {
      const [next] = waiting.splice(0);
      if (next !== undefined) return next;
      await tick();
    }
  };
  const honest = send(guarded, 'GET', '/slow');
  (await nextDecision()).decide();
  assert.equal((await honest).status, 200);
  assert.deepEqual(served.splice(0), ['served']);
  const outgoing = httpRequest({ host: '127.0.0.1', port: guarded.port, path: '/slow', headers: { host: 'app.test' } });
  outgoing.on('error', () => {});
  outgoing.end();
  const left = await nextDecision();
  outgoing.destroy();
  while (!left.context.ended) await tick();
  left.decide();
  for (let hops = 0; hops < 20; hops += 1) await tick();
  assert.deepEqual(served, []);
});

attack('G4', 'the context used after the response ended throws', async () => {
  await send(app, 'GET', '/fixture/late', { headers: as('alice') });
  const kept = late.at(-1);
  assert.ok(kept);
  while (!kept.context.ended) await tick();
  assert.throws(() => kept.context.actor, NoRequestContext);
  assert.throws(() => kept.context.defer(() => {}), NoRequestContext);
});

attack('G4', 'two parallel requests keep state under one key: each reads its own', async () => {
  const [first, second] = await Promise.all(['a', 'b'].map((name) => send(app, 'GET', `/fixture/who?token=${name}`)));
  assert.equal(first?.json()['token'], 'a');
  assert.equal(second?.json()['token'], 'b');
});

attack('G4', 'request state that all requests would share refuses to boot', async () => {
  await assert.rejects(startApp({ bindings: [sharedRequestState()] }), /one object for all requests|reference type/);
});

attack('G5', 'a listener that throws: logged, and nobody else harmed', async () => {
  const log = new LogCapture();
  const events = new DomainEvents(pino({}, log));
  events.on('app.started', () => {
    throw new Error('the listener failed');
  });
  // Around timers: what nobody catches elsewhere ends a process with async hooks, and then no test is there to tell.
  await timer(1);
  events.emit('app.started', { port: 1 });
  await timer(1);
  assert.match(log.text, /the listener failed/);
});

attack('G5', 'a listener that throws and one that rejects: both logged, the caller and the process unharmed', async () => {
  const own = await startApp();
  const { events } = own.context;
  const reached: string[] = [];
  events.on('app.started', () => {
    throw new Error('first listener failed');
  });
  events.on('app.started', async () => {
    await tick();
    throw new Error('second listener failed');
  });
  events.on('app.started', () => void reached.push('third'));
  own.log.clear();
  events.emit('app.started', { port: 1 });
  const answer = await send(own, 'GET', '/healthz');
  assert.equal(answer.status, 200);
  assert.deepEqual(reached, ['third']);
  assert.match(own.log.text, /first listener failed/);
  assert.match(own.log.text, /second listener failed/);
  await own.close();
});

attack('G5', 'work that rolls back announces nothing', async () => {
  const own = await startApp();
  const { events } = own.context;
  const ports: number[] = [];
  events.on('app.started', ({ port }) => void ports.push(port));
  events.batch().emit('app.started', { port: 404 });
  const committed = events.batch();
  committed.emit('app.started', { port: 200 });
  await tick();
  assert.deepEqual(ports, []);
  committed.deliver();
  await tick();
  assert.deepEqual(ports, [200]);
  await own.close();
});

attack('G5', 'no protection hangs its effect on a listener that could be missing', async () => {
  const folder = join(import.meta.dirname, '../../src/protections');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  assert.ok(files.length > 3);
  // That the app listens now is news for work that begins then, such as a worker; it is no effect of a request.
  for (const file of files) assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /\bevents\.on\((?!'app\.started')/, file);
});

attack('G6', 'a route without a policy refuses to boot', async () => {
  await assert.rejects(startApp({ bindings: [routeWithoutPolicy('/open')] }), /\/open has no policy/);
});

attack('G6', 'a protection in the wrong place refuses to boot', async () => {
  await assert.rejects(startApp({ bindings: [bindingInWrongPlace()] }), /fixture-that-comes-later/);
});

attack('G6', 'a guard of one module does not run for another, the guard of the app runs for both', async () => {
  const calls: string[] = [];
  const echo = (id: string, guards: readonly string[]) =>
    defineModule({
      id,
      prefix: `/${id}`,
      guards: guards.map((name) => () => {
        calls.push(name);
        return undefined;
      }),
      routes: [route({ method: 'GET', path: '/', access: 'public', input: {}, output: closed({}), summary: id }, () => ok({}))],
    });
  const guardOfApp = {
    id: 'fixture-root-guard',
    install: (_app: unknown, { routing }: typeof app.context) => routing.guard('access', () => () => void calls.push('app')),
  };
  const two = await startApp({ modules: [echo('left', ['left only']), echo('right', [])], bindings: [guardOfApp] });
  assert.equal((await send(two, 'GET', '/left')).status, 200);
  assert.deepEqual(calls.splice(0), ['app', 'left only']);
  assert.equal((await send(two, 'GET', '/right')).status, 200);
  assert.deepEqual(calls, ['app']);
});

attack('G6', 'who is known to one app in the process is nobody to the other', async () => {
  const everybodyIsMallory = {
    id: 'fixture-identity',
    install: (_app: unknown, { routing }: typeof app.context) =>
      routing.guard('identity', () => ({ context }) => void (context.actor = { id: 'mallory', roles: [] })),
  };
  const other = await startApp({ modules: [fixture], bindings: [everybodyIsMallory] });
  const path = '/fixture/who?token=x';
  assert.equal((await send(other, 'GET', path)).json()['actor'], 'mallory');
  assert.equal((await send(app, 'GET', path)).json()['actor'], 'nobody');
});
