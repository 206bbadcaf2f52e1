import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { sql } from 'kysely';
import Type from 'typebox';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { closed } from '#src/protections/validation/core.ts';
import { deleteOldDeliveries } from '#src/protections/webhooks-out/core.ts';
import { defineWebhookEvent } from '#src/protections/webhooks-out/event.ts';
import { flightsOf } from '#src/protections/webhooks-out/flights.ts';
import { tellWebhooks } from '#src/protections/webhooks-out/tell.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { parseObject } from '#tests/support/json.ts';
import { type Host, Internet } from '#tests/support/outbound-http/internet.ts';
import { deliverDue } from '#tests/support/webhooks-out/deliver.ts';

const hour = 3_600_000;
const path = '/api/v1/webhook-endpoints';

const orderPaid = defineWebhookEvent('order.paid', closed({ order: Type.String(), lines: Type.Array(closed({ sku: Type.String() })) }));
const orderSent = defineWebhookEvent('order.sent', closed({ order: Type.String() }));
const unlisted = defineWebhookEvent('order.lost', closed({ order: Type.String() }));

/** Something happens to somebody, and in the end it may not have. */
const orders = defineModule({
  id: 'orders',
  prefix: '/orders',
  tells: [orderPaid, orderSent],
  routes: [
    route(
      {
        method: 'POST',
        path: '/',
        access: 'public',
        input: { body: closed({ owner: Type.String(), event: Type.String(), fails: Type.Boolean() }) },
        output: closed({ told: Type.Integer() }),
        summary: 'Something happens',
      },
      async ({ app: context, input: { body } }) =>
        context.services.db.transaction(async (tx) => {
          const secret = { cardNumber: 'canary-card', lines: [{ sku: 'a', margin: 'canary-margin' }] };
          const told =
            body.event === 'order.paid'
              ? await tellWebhooks(tx, context, orderPaid, { owner: body.owner, data: { order: 'o1', ...secret } })
              : await tellWebhooks(tx, context, orderSent, { owner: body.owner, data: { order: 'o1' } });
          if (body.fails) throw new Error('fixture');
          return ok({ told });
        }),
    ),
  ],
});

const env = { WEBHOOKS_OUT_ENDPOINTS: '5', WEBHOOKS_OUT_DEADLINE_MS: '2000', WEBHOOKS_OUT_CONCURRENCY: '6' };
const app = await startApp({ modules: [orders], env });
const internet = await Internet.of(app);
const { query } = app.context.services.db;

const happens = async (owner: string, event = 'order.paid', fails = false): Promise<Received> => send(app, 'POST', '/orders', { body: { owner, event, fails } });

/** What each host answers; it remembers what it was asked. */
const answers = new Map<string, RequestListener>();
let hosts = 0;
const newHost = async (listener: RequestListener = (_request, response) => response.writeHead(204).end()): Promise<Host> => {
  hosts += 1;
  const name = `hooks${hosts}.example.com`;
  answers.set(name, listener);
  return internet.host(name, `93.184.216.${hosts}`, (request, response) => answers.get(name)?.(request, response));
};
const answering = (status: number, headers: Readonly<Record<string, string>> = {}): RequestListener => (_request, response) => void response.writeHead(status, headers).end('canary-answer');

const newOwner = () => {
  const id = randomUUID();
  return { id, headers: as(id) };
};

type Owner = ReturnType<typeof newOwner>;

const add = (owner: Owner, url: string, events: readonly string[] = ['order.paid']): Promise<Received> => send(app, 'POST', path, { headers: owner.headers, body: { url, events } });

const added = async (owner: Owner, host: Host, events?: readonly string[]): Promise<{ readonly id: string; readonly secret: string }> => {
  const answer = await add(owner, `https://${host.name}/in?token=x`, events);
  assert.equal(answer.status, 201);
  return { id: String(answer.json()['id']), secret: String(answer.json()['secret']) };
};

const itemsIn = (answer: Received): Record<string, unknown>[] => {
  const { items } = answer.json();
  assert.ok(Array.isArray(items));
  return items.map((item: unknown) => parseObject(JSON.stringify(item)));
};

const deliveriesOf = async ({ headers }: Owner, id: string): Promise<Record<string, unknown>[]> => itemsIn(await send(app, 'GET', `${path}/${id}/deliveries`, { headers }));

const endpoint = async ({ headers }: Owner, id: string): Promise<Record<string, unknown>> => (await send(app, 'GET', `${path}/${id}`, { headers })).json();

/** Whether the receiver believes a request, as https://www.standardwebhooks.com says. */
const isGenuine = ({ headers, body }: Host['requests'][number], secret: string): boolean => {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(signed).digest('base64')}`;
  const age = Math.abs(app.clock.now() / 1000 - Number(headers['webhook-timestamp']));
  return age < 300 && String(headers['webhook-signature']).split(' ').includes(expected);
};

/** When the next attempt of a message is due, in ms from now. */
const nextAttempt = async (delivery: unknown): Promise<number> => {
  const rows = await query.selectFrom('jobs').select(['due_at', 'payload']).where('type', '=', 'webhooks-out.attempt').where('status', '=', 'waiting').execute();
  const due = rows.filter(({ payload }) => JSON.stringify(payload).includes(String(delivery))).map(({ due_at }) => due_at.getTime() - app.clock.now());
  assert.equal(due.length, 1);
  return due[0] ?? 0;
};

benign('an owner adds an endpoint, hears what happens, signed, and reads what became of it', async () => {
  const owner = newOwner();
  const host = await newHost();
  const { id, secret } = await added(owner, host);
  assert.match(secret, /^whsec_[A-Za-z\d+/]{43}=$/);
  assert.equal((await happens(owner.id)).json()['told'], 1);
  await deliverDue(app);
  const [request] = host.requests;
  assert.ok(request !== undefined && isGenuine(request, secret));
  assert.deepEqual([request.method, request.url, request.headers['content-type']], ['POST', '/in?token=x', 'application/json']);
  assert.deepEqual(parseObject(request.body), { type: 'order.paid', timestamp: new Date(app.clock.now()).toISOString(), data: { order: 'o1', lines: [{ sku: 'a' }] } });
  const [delivery] = await deliveriesOf(owner, id);
  assert.deepEqual([delivery?.['status'], delivery?.['attempts'], delivery?.['lastStatus']], ['delivered', 1, 204]);
  assert.equal(itemsIn(await send(app, 'GET', path, { headers: owner.headers })).length, 1);
  assert.equal((await send(app, 'DELETE', `${path}/${id}`, { headers: owner.headers })).status, 204);
  assert.equal((await happens(owner.id)).json()['told'], 0);
});

benign('an owner tries an endpoint', async () => {
  const owner = newOwner();
  const host = await newHost();
  const { id } = await added(owner, host, ['order.sent']);
  assert.equal((await send(app, 'POST', `${path}/${id}/test`, { headers: owner.headers })).status, 202);
  await deliverDue(app);
  assert.equal(parseObject(host.requests[0]?.body ?? '')['type'], 'webhook.test');
});

attack('W1', 'a message that failed is not lost: it comes again, same id, same bytes, a signature of its own time, and once it is taken never more', async () => {
  const owner = newOwner();
  const host = await newHost(answering(500));
  const { id, secret } = await added(owner, host);
  await happens(owner.id);
  await deliverDue(app);
  const [waiting] = await deliveriesOf(owner, id);
  assert.deepEqual([waiting?.['status'], waiting?.['attempts'], waiting?.['lastStatus'], waiting?.['lastFailure']], ['waiting', 1, 500, 'status']);
  assert.equal(typeof (await endpoint(owner, id))['failingSince'], 'string');
  answers.set(host.name, answering(200));
  app.clock.advance(hour);
  await deliverDue(app);
  const [first, second, third] = host.requests;
  assert.ok(first !== undefined && second !== undefined && third === undefined);
  assert.deepEqual([second.body, second.headers['webhook-id']], [first.body, first.headers['webhook-id']]);
  assert.notEqual(second.headers['webhook-timestamp'], first.headers['webhook-timestamp']);
  assert.ok(isGenuine(second, secret));
  assert.equal((await deliveriesOf(owner, id))[0]?.['status'], 'delivered');
  assert.equal((await endpoint(owner, id))['failingSince'], undefined);
  app.clock.advance(100 * hour);
  await deliverDue(app);
  assert.equal(host.requests.length, 2);
});

attack('W1', 'an address inside, by name or by number, in any spelling: nothing inside is reached', async () => {
  const owner = newOwner();
  const host = await newHost();
  internet.name('inside.example.com', ['10.0.0.7']);
  internet.name('metadata.example.com', ['93.184.216.1', '169.254.169.254']);
  internet.name('rebinds.example.com', ['93.184.216.1'], ['127.0.0.1']);
  const before = internet.canaryHits;
  const accepted: string[] = [];
  for (const place of ['inside.example.com', 'metadata.example.com', '127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '100.64.0.1', 'localhost', '[64:ff9b::7f00:1]']) {
    const answer = await add(owner, `https://${place}/`);
    if (answer.status === 201) accepted.push(String(answer.json()['id']));
    else assert.equal(answer.status, 422, place);
    if (accepted.length < 4) continue;
    await happens(owner.id);
    await deliverDue(app);
    for (const id of accepted.splice(0)) {
      assert.deepEqual((await deliveriesOf(owner, id)).map(({ status, lastFailure, lastStatus }) => [status, lastFailure, lastStatus]), [['waiting', 'no-answer', undefined]]);
      await send(app, 'DELETE', `${path}/${id}`, { headers: owner.headers });
    }
  }
  assert.equal(internet.canaryHits, before);
  await added(owner, host);
  await happens(owner.id);
  await deliverDue(app);
  assert.equal(host.requests.length, 1);
});

attack('W1', 'a URL that no message may go to is no endpoint', async () => {
  const owner = newOwner();
  for (const url of ['http://hooks.example.com/', 'https://user:password@hooks.example.com/', 'https://hooks.example.com:22/', 'ftp://hooks.example.com/', 'file:///etc/passwd', 'data:text/plain,x', 'hooks.example.com', '//hooks.example.com/', '', `https://hooks.example.com/${'x'.repeat(3000)}`]) {
    assert.equal((await add(owner, url)).status, 422, url);
  }
  assert.equal((await send(app, 'GET', path, { headers: owner.headers })).text, '{"items":[]}');
  assert.equal((await add(owner, 'https://hooks.example.com/')).status, 201);
});

attack('W1', 'an endpoint that sends on: nobody follows, and the message was not delivered', async () => {
  const owner = newOwner();
  const trap = await newHost();
  const before = internet.canaryHits;
  for (const [status, location] of [[302, `https://${trap.name}/`], [307, `https://${trap.name}/`], [308, 'https://127.0.0.1/'], [301, 'http://169.254.169.254/']] as const) {
    const host = await newHost(answering(status, { location }));
    const { id } = await added(owner, host);
    await happens(owner.id);
    await deliverDue(app);
    assert.equal(host.requests.length, 1);
    const [delivery] = await deliveriesOf(owner, id);
    assert.deepEqual([delivery?.['status'], delivery?.['lastFailure']], ['waiting', 'status']);
    await send(app, 'DELETE', `${path}/${id}`, { headers: owner.headers });
  }
  assert.deepEqual([trap.requests.length, internet.canaryHits - before], [0, 0]);
});

attack('W1', 'what the owner is told says nothing of what is inside: no name, a closed port and a private address look alike', async () => {
  const owner = newOwner();
  internet.name('inner.example.com', ['192.168.0.9']);
  internet.name('closed.example.com', ['93.184.217.99']);
  const told = new Set<string>();
  for (const name of ['inner.example.com', 'closed.example.com', 'nowhere.example.com']) {
    const answer = await add(owner, `https://${name}/`);
    await happens(owner.id);
    await deliverDue(app);
    const [{ id: _id, ...delivery } = {}] = await deliveriesOf(owner, String(answer.json()['id']));
    told.add(JSON.stringify(delivery));
    await send(app, 'DELETE', `${path}/${String(answer.json()['id'])}`, { headers: owner.headers });
  }
  assert.equal(told.size, 1, [...told].join('\n'));
  const host = await newHost(answering(418));
  const { id } = await added(owner, host);
  await happens(owner.id);
  await deliverDue(app);
  const shown = JSON.stringify(await deliveriesOf(owner, id));
  assert.match(shown, /418/);
  assert.doesNotMatch(shown, /canary-answer/);
});

attack('W1', 'secrets are shown once, and stand nowhere in the clear', async () => {
  const owner = newOwner();
  const host = await newHost();
  const answer = await add(owner, `https://${host.name}/`);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const { id, secret } = answer.json();
  const renewed = await send(app, 'POST', `${path}/${String(id)}/secret`, { headers: owner.headers });
  assert.equal(renewed.headers['cache-control'], 'no-store');
  await happens(owner.id);
  await deliverDue(app);
  const pages = await Promise.all([path, `${path}/${String(id)}`, `${path}/${String(id)}/deliveries`].map((page) => send(app, 'GET', page, { headers: owner.headers })));
  const tables = ['webhook_endpoints', 'webhook_deliveries', 'jobs', 'security_events'];
  const rows = await Promise.all(tables.map((table) => sql`select whole::text as line from ${sql.table(table)} as whole`.execute(query)));
  const everything = JSON.stringify([pages.map(({ text }) => text), rows.map((result) => result.rows), app.log.text]);
  for (const known of [secret, renewed.json()['secret']]) assert.ok(!everything.includes(String(known).slice(6, 40)));
  assert.ok(host.requests.length === 1 && isGenuine({ ...(host.requests[0] ?? { method: '', url: '', headers: {}, body: '' }) }, String(renewed.json()['secret'])));
  // Whoever can write to the table gives an endpoint the secret of another: nothing is signed with it.
  const thief = newOwner();
  const thiefHost = await newHost();
  const { id: thiefId } = await added(thief, thiefHost);
  const { secret: sealed } = await query.selectFrom('webhook_endpoints').select('secret').where('id', '=', String(id)).executeTakeFirstOrThrow();
  await query.updateTable('webhook_endpoints').set({ secret: sealed }).where('id', '=', thiefId).execute();
  await happens(thief.id);
  await deliverDue(app);
  assert.equal(thiefHost.requests.length, 0);
});

attack('W1', 'a secret is renewed: both sign for a day, then the old one never again', async () => {
  const owner = newOwner();
  const host = await newHost();
  const { id, secret } = await added(owner, host);
  const renewed = String((await send(app, 'POST', `${path}/${id}/secret`, { headers: owner.headers })).json()['secret']);
  assert.notEqual(renewed, secret);
  const signedNow = async (): Promise<readonly boolean[]> => {
    await happens(owner.id);
    await deliverDue(app);
    const last = host.requests.at(-1);
    return [renewed, secret].map((known) => last !== undefined && isGenuine(last, known));
  };
  assert.deepEqual(await signedNow(), [true, true]);
  app.clock.advance(24 * hour - 1);
  assert.deepEqual(await signedNow(), [true, true]);
  app.clock.advance(2);
  assert.deepEqual(await signedNow(), [true, false]);
});

attack('W1', 'the endpoints and messages of others: they do not exist, and nobody hears what is not theirs', async () => {
  const [alice, mallory] = [newOwner(), newOwner()];
  const [hostOfAlice, hostOfMallory] = [await newHost(), await newHost()];
  const { id, secret } = await added(alice, hostOfAlice);
  await added(mallory, hostOfMallory);
  await happens(alice.id);
  await deliverDue(app);
  assert.deepEqual([hostOfAlice.requests.length, hostOfMallory.requests.length], [1, 0]);
  for (const [method, below] of [['GET', ''], ['GET', '/deliveries'], ['POST', '/secret'], ['POST', '/enable'], ['POST', '/test'], ['DELETE', '']] as const) {
    assert.equal((await send(app, method, `${path}/${id}${below}`, { headers: mallory.headers })).status, 404, method + below);
    assert.equal((await send(app, method, `${path}/${id}${below}`)).status, 401);
  }
  assert.ok(!(await send(app, 'GET', path, { headers: mallory.headers })).text.includes(id));
  await happens(alice.id);
  await deliverDue(app);
  assert.ok(hostOfAlice.requests.length === 2 && isGenuine(hostOfAlice.requests[1] ?? { method: '', url: '', headers: {}, body: '' }, secret));
});

attack('W1', 'an event that was not asked for, or that there is not, is not told', async () => {
  const owner = newOwner();
  const host = await newHost();
  for (const events of [['order.lost'], ['*'], ['order.paid', 'nothing'], [], ['__proto__'], ['ORDER.PAID']]) assert.equal((await add(owner, 'https://hooks.example.com/', events)).status, 422);
  await added(owner, host, ['order.sent']);
  assert.equal((await happens(owner.id, 'order.paid')).json()['told'], 0);
  assert.equal((await happens(owner.id, 'order.sent')).json()['told'], 1);
  await deliverDue(app);
  assert.deepEqual(host.requests.map(({ body }) => parseObject(body)['type']), ['order.sent']);
  await assert.rejects(app.context.services.db.transaction((tx) => tellWebhooks(tx, app.context, unlisted, { owner: owner.id, data: { order: '1' } })), /No module tells/);
  assert.throws(() => defineWebhookEvent('order.all', Type.Object({})), /not closed/);
});

attack('W1', 'what did not happen is not told: a transaction that fails leaves no message', async () => {
  const owner = newOwner();
  const host = await newHost();
  const { id } = await added(owner, host);
  assert.equal((await happens(owner.id, 'order.paid', true)).status, 500);
  await deliverDue(app);
  assert.deepEqual([host.requests.length, (await deliveriesOf(owner, id)).length], [0, 0]);
  await happens(owner.id);
  await deliverDue(app);
  assert.equal(host.requests.length, 1);
});

attack('W1', 'an endpoint that fails: later and later, no two at one time, and in the end never', async () => {
  const owner = newOwner();
  const host = await newHost(answering(503));
  const { id } = await added(owner, host);
  await happens(owner.id);
  const pauses: number[] = [];
  for (let attempts = 1; attempts <= 9; attempts += 1) {
    internet.random = attempts % 2 === 0 ? 0 : 0.999;
    await deliverDue(app);
    const [delivery] = await deliveriesOf(owner, id);
    assert.deepEqual([host.requests.length, delivery?.['attempts'], delivery?.['status']], [attempts, attempts, 'waiting']);
    const pause = await nextAttempt(delivery?.['id']);
    pauses.push(pause);
    app.clock.advance(pause - 1);
    await deliverDue(app);
    assert.equal(host.requests.length, attempts, 'not a moment earlier');
    app.clock.advance(1);
  }
  internet.random = 0.5;
  assert.ok((pauses[0] ?? 0) > 25_000 && (pauses[0] ?? 0) <= 30_000);
  assert.ok((pauses[1] ?? 0) === 60_000, 'half of two minutes, where nothing is added by chance');
  assert.ok(pauses.every((pause) => pause <= 12 * hour) && (pauses[6] ?? 0) > 11 * hour);
  await deliverDue(app);
  const [dead] = await deliveriesOf(owner, id);
  assert.deepEqual([dead?.['status'], dead?.['attempts'], dead?.['lastStatus']], ['dead', 10, 503]);
  app.clock.advance(100 * hour);
  await deliverDue(app);
  assert.equal(host.requests.length, 10);
});

attack('W1', 'an endpoint that takes nothing for days, or says that it is gone: disabled, until its owner says otherwise', async () => {
  for (const status of [500, 410]) {
    const owner = newOwner();
    const host = await newHost(answering(status));
    const { id } = await added(owner, host);
    await happens(owner.id);
    await deliverDue(app);
    if (status === 500) {
      assert.equal((await endpoint(owner, id))['disabledAt'], undefined);
      app.clock.advance(73 * hour);
      await happens(owner.id);
      await deliverDue(app);
    }
    assert.equal(typeof (await endpoint(owner, id))['disabledAt'], 'string', String(status));
    assert.ok((await deliveriesOf(owner, id)).every((delivery) => delivery['status'] === 'dead'));
    const asked = host.requests.length;
    assert.equal((await happens(owner.id)).json()['told'], 0);
    assert.equal((await send(app, 'POST', `${path}/${id}/test`, { headers: owner.headers })).status, 409);
    app.clock.advance(24 * hour);
    await deliverDue(app);
    assert.equal(host.requests.length, asked);
    const events = await query.selectFrom('security_events').select('type').where('user_id', '=', owner.id).orderBy('id').execute();
    assert.deepEqual(events.map(({ type }) => type), ['webhook-endpoint.created', 'webhook-endpoint.disabled']);
    answers.set(host.name, answering(200));
    assert.equal((await send(app, 'POST', `${path}/${id}/enable`, { headers: owner.headers })).status, 200);
    await happens(owner.id);
    await deliverDue(app);
    assert.deepEqual([host.requests.length, (await deliveriesOf(owner, id))[0]?.['status']], [asked + 1, 'delivered']);
  }
});

/** Answers when the test says so. */
const hanging = () => {
  const open: (() => void)[] = [];
  const listener: RequestListener = (_request, response) => void open.push(() => response.writeHead(200).end());
  return { listener, open, release: () => open.splice(0).forEach((end) => end()) };
};

/** Runs what is due, without waiting for what is under way. */
const begin = async (isEnough: () => boolean, patienceMs = 3000): Promise<void> => {
  await drainJobs(app);
  const end = performance.now() + patienceMs;
  while (!isEnough() && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
};

attack('W1', 'endpoints that never answer: no transaction and no worker waits, others hear at once', async () => {
  const [slow, quick] = [newOwner(), newOwner()];
  const { listener, open, release } = hanging();
  const [slowHost, quickHost] = [await newHost(listener), await newHost()];
  await added(slow, slowHost);
  await added(quick, quickHost);
  for (let count = 0; count < 8; count += 1) await happens(slow.id);
  await begin(() => open.length >= 2);
  assert.equal(open.length, 2, 'two at once to one endpoint');
  await happens(quick.id);
  await begin(() => quickHost.requests.length === 1);
  assert.equal(quickHost.requests.length, 1);
  const running = await query.selectFrom('jobs').select('id').where('status', '=', 'running').where('queue', '=', app.context.config.JOBS_QUEUE).execute();
  assert.equal(running.length, 0);
  release();
  await flightsOf(app.context).settled();
  app.clock.advance(60_000);
  answers.set(slowHost.name, answering(200));
  for (let rounds = 0; rounds < 6; rounds += 1) {
    await deliverDue(app);
    app.clock.advance(60_000);
  }
  assert.equal(slowHost.requests.length, 8);
});

attack('W1', 'many endpoints that never answer: the process has so many under way and no more', async () => {
  const { listener, open, release } = hanging();
  const owners = Array.from({ length: 4 }, newOwner);
  const slow = await newHost(listener);
  for (const owner of owners) {
    await added(owner, slow);
    for (let count = 0; count < 2; count += 1) await happens(owner.id);
  }
  await begin(() => open.length >= 6);
  await begin(() => open.length > 6, 200);
  assert.equal(open.length, 6);
  release();
  await flightsOf(app.context).settled();
  answers.set(slow.name, answering(200));
  for (let rounds = 0; rounds < 4; rounds += 1) {
    app.clock.advance(60_000);
    await deliverDue(app);
  }
  assert.equal(slow.requests.length, 8);
});

attack('W1', 'the process dies while a message is under way: the next attempt was left before', async () => {
  const owner = newOwner();
  const { listener, open, release } = hanging();
  const host = await newHost(listener);
  const { id } = await added(owner, host);
  await happens(owner.id);
  await begin(() => open.length === 1);
  const [delivery] = await deliveriesOf(owner, id);
  assert.deepEqual([delivery?.['status'], delivery?.['attempts']], ['waiting', 1]);
  // Longer than one attempt can take.
  assert.ok((await nextAttempt(delivery?.['id'])) > app.context.config.WEBHOOKS_OUT_DEADLINE_MS);
  release();
  await flightsOf(app.context).settled();
  assert.equal((await deliveriesOf(owner, id))[0]?.['status'], 'delivered');
});

attack('W1', 'more endpoints than one may have, one by one and at once', async () => {
  const owner = newOwner();
  const statuses = (await Promise.all(Array.from({ length: 8 }, () => add(owner, 'https://hooks.example.com/')))).map(({ status }) => status);
  assert.deepEqual(statuses.toSorted((a, b) => a - b), [201, 201, 201, 201, 201, 409, 409, 409]);
  assert.equal((await add(owner, 'https://hooks.example.com/')).status, 409);
  assert.equal((await add(newOwner(), 'https://hooks.example.com/')).status, 201);
});

attack('W1', 'changes of endpoints are kept as security events; old messages go', async () => {
  const owner = newOwner();
  const host = await newHost();
  const { id } = await added(owner, host);
  await send(app, 'POST', `${path}/${id}/secret`, { headers: owner.headers });
  await happens(owner.id);
  await deliverDue(app);
  app.clock.advance(31 * 24 * hour);
  await app.context.services.db.transaction((tx) => deleteOldDeliveries(tx, app.context));
  assert.deepEqual(await deliveriesOf(owner, id), []);
  await send(app, 'DELETE', `${path}/${id}`, { headers: owner.headers });
  const events = await query.selectFrom('security_events').select('type').where('user_id', '=', owner.id).orderBy('id').execute();
  assert.deepEqual(events.map(({ type }) => type), ['webhook-endpoint.created', 'webhook-endpoint.secret-renewed', 'webhook-endpoint.deleted']);
});
