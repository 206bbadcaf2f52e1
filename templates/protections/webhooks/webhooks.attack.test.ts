import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { inForce } from '#src/protections/app-core/in-force.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';
import { bootCheck } from '#src/protections/webhooks/boot-check.ts';
import { onEvent } from '#src/protections/webhooks/event.ts';
import { forgetOldEvents } from '#src/protections/webhooks/memory.ts';
import type { Scheme } from '#src/protections/webhooks/scheme.ts';
import { github } from '#src/protections/webhooks/schemes/github.ts';
import { type HmacOptions, hmac } from '#src/protections/webhooks/schemes/hmac.ts';
import { slack } from '#src/protections/webhooks/schemes/slack.ts';
import { standardWebhooks } from '#src/protections/webhooks/schemes/standard-webhooks.ts';
import { stripe } from '#src/protections/webhooks/schemes/stripe.ts';
import { secretsOf } from '#src/protections/webhooks/secrets.ts';
import { verify } from '#src/protections/webhooks/verify.ts';
import { defineWebhook } from '#src/protections/webhooks/webhook.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { type Sent, acmeMessage, githubMessage, slackMessage, standardMessage, stripeMessage } from '#tests/support/webhooks/senders.ts';

const day = 86_400_000;

/** What the work saw, by id; and what the next run of it throws. */
const done: { readonly id: string; readonly data: unknown }[] = [];
let failure: Error | undefined;

const Order = closed({ number: Type.Integer() });
const orderPaid = onEvent({
  data: closed({ order: Order }),
  run: async ({ id, data }) => {
    if (failure !== undefined) throw failure;
    done.push({ id, data });
  },
});

const seen = onEvent({
  data: closed({}),
  run: async ({ id, data }) => {
    done.push({ id, data });
  },
});

const acmeOptions: HmacOptions = {
  signature: { header: 'x-acme-signature', prefix: 'v9=', encoding: 'base64', algorithm: 'sha512' },
  signs: '{x-acme-time}\n{body}',
  time: 'x-acme-time',
  id: { member: 'meta.id' },
  type: { member: 'meta.kind' },
};

const whsec = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const word = (): string => randomBytes(24).toString('hex');

const secrets = { standard: whsec(), shop: word(), code: word(), chat: word(), acme: word() };

const modules = [
  defineWebhook({ id: 'standard', scheme: standardWebhooks(), events: { 'order.paid': orderPaid } }),
  defineWebhook({ id: 'shop', scheme: stripe(), events: { 'order.paid': orderPaid } }),
  defineWebhook({ id: 'code', scheme: github(), events: { push: orderPaid } }),
  defineWebhook({ id: 'chat', scheme: slack(), events: { app_mention: seen, slash_command: seen, block_actions: seen } }),
  defineWebhook({ id: 'acme', scheme: hmac(acmeOptions), events: { 'order.paid': orderPaid } }),
];

const listOf = (list: Readonly<Record<string, string>>): string => Object.entries(list).map(([id, secret]) => `${id}:${secret}`).join(',');

const app = await startApp({ modules, env: { WEBHOOK_SECRETS: listOf(secrets) } });
/** The same app in another process, as far as the database can tell. */
const other = await startApp({ modules, clock: app.clock, env: { WEBHOOK_SECRETS: listOf(secrets) } });

const now = (): number => Math.floor(app.clock.now() / 1000);
const newId = (): string => `evt_${randomUUID()}`;
const bodyOf = (id: string, number: unknown = 7): string =>
  JSON.stringify({ id, type: 'order.paid', meta: { id, kind: 'order.paid' }, order: { number, secret: 'canary' }, event_id: id, event: { type: 'app_mention' } });

const post = (webhook: string, { headers, body }: Sent, to = app): Promise<Received> => send(to, 'POST', `/webhooks/${webhook}`, { headers, body });

/** One genuine message of each sender; a Slack one says what it is in its own way. */
const genuine: Readonly<Record<keyof typeof secrets, (id: string, at?: number, body?: string) => Sent>> = {
  standard: (id, at = now(), body = bodyOf(id)) => standardMessage(body, { secret: secrets.standard, at }, id),
  shop: (id, at = now(), body = bodyOf(id)) => stripeMessage(body, { secret: secrets.shop, at }),
  code: (id, _at, body = bodyOf(id)) => githubMessage(body, secrets.code, 'push', id),
  chat: (id, at = now(), body = JSON.stringify({ ...JSON.parse(bodyOf(id)), type: 'event_callback' })) => slackMessage(body, { secret: secrets.chat, at }),
  acme: (id, at = now(), body = bodyOf(id)) => acmeMessage(body, { secret: secrets.acme, at }),
};
const senders = Object.entries(genuine);
const timed = senders.filter(([name]) => name !== 'code');

const timesDone = async (id: string): Promise<number> => {
  await drainJobs(app);
  return done.filter((event) => event.id === id).length;
};

/** How often a message was remembered, and how often work was left for it. */
const rowsOf = async (id: string): Promise<readonly [number, number]> => {
  const { query } = app.context.services.db;
  const events = await query.selectFrom('webhook_events').select('event_id').where('event_id', '=', id).execute();
  const jobs = await query.selectFrom('jobs').select('payload').where('type', 'like', 'webhook.%').execute();
  return [events.length, jobs.filter(({ payload }) => JSON.stringify(payload).includes(id)).length];
};

/** The message is genuine, and changed like this it is refused: nothing of it stays. */
const refused = async (webhook: string, message: Sent, id: string, why: string, status = 401): Promise<void> => {
  const answer = await post(webhook, message);
  assert.equal(answer.status, status, `${webhook}: ${why}`);
  assert.deepEqual(await rowsOf(id), [0, 0], `${webhook}: ${why}`);
};

const withHeader = ({ headers, body }: Sent, name: string, value: string | string[]): Sent => ({ headers: Object.fromEntries([...Object.entries(headers), [name, value]]), body });
const withoutHeader = ({ headers, body }: Sent, name: string): Sent => ({ headers: Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name)), body });

const signatureHeaders: Readonly<Record<string, string>> = { standard: 'webhook-signature', shop: 'stripe-signature', code: 'x-hub-signature-256', chat: 'x-slack-signature', acme: 'x-acme-signature' };

benign('each sender is answered at once, the work is done behind it, with what its schema declares', async () => {
  for (const [webhook, message] of senders) {
    const id = newId();
    const answer = await post(webhook, message(id));
    assert.equal(answer.status, 202, webhook);
    assert.equal(answer.text, '');
    assert.equal(done.filter((event) => event.id === id).length, 0, 'the work waits for its job');
    assert.equal(await timesDone(id), 1, webhook);
    const data = webhook === 'chat' ? {} : { order: { number: 7 } };
    assert.deepEqual(done.find((event) => event.id === id)?.data, data);
  }
});

benign('bodies are verified as they came: spaces, escapes, order, another language', async () => {
  for (const [index, layout] of ['{"id":"ID","type":"order.paid","order":{"number":7}}', '{ "order" : {"number":7.0},\n"type":"order\\u002epaid" ,"id":"ID" }\r\n', '{"type":"order.paid","id":"ID","order":{"number":7},"note":"größer \\ud83d\\ude00 😀"}'].entries()) {
    const id = newId();
    const body = layout.replace('ID', id);
    assert.equal((await post('shop', genuine.shop(id, now(), body))).status, 202, String(index));
    assert.equal(await timesDone(id), 1);
  }
});

benign('JSON of other modules is read as ever', async () => {
  assert.equal((await send(app, 'POST', '/api/v1/documents', { headers: { 'x-test-actor': 'alice' }, body: { title: 'x', body: 'y' } })).status, 201);
  assert.equal((await send(app, 'POST', '/api/v1/documents', { headers: { 'x-test-actor': 'alice' }, body: '{"title":"x","title":"y","body":""}' })).status, 400);
});

benign('Slack: the address is confirmed, commands and buttons are taken', async () => {
  const challenge = slackMessage(JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' }), { secret: secrets.chat, at: now() });
  const answer = await post('chat', challenge);
  assert.deepEqual([answer.status, answer.text], [200, '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P']);
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
  const before = done.length;
  for (const body of ['command=%2Fhello&text=a+b&trigger_id=1', `payload=${encodeURIComponent('{"type":"block_actions"}')}`]) {
    const message = slackMessage(body, { secret: secrets.chat, at: now() }, 'application/x-www-form-urlencoded');
    assert.equal((await post('chat', message)).status, 202);
  }
  await drainJobs(app);
  assert.equal(done.length, before + 2);
});

/** What the senders publish to try one's code with. */
const published: readonly { readonly scheme: Scheme; readonly secret: string; readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly at: number }[] = [
  {
    scheme: standardWebhooks(),
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
    body: '{"test": 2432232314}',
    at: 1_614_265_330,
  },
  {
    scheme: github(),
    secret: "It's a Secret to Everybody",
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    body: 'Hello, World!',
    at: 0,
  },
  {
    scheme: slack(),
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503' },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    at: 1_531_420_618,
  },
];

benign('the examples that Standard Webhooks, GitHub and Slack publish are genuine', () => {
  for (const { scheme, secret, headers, body, at } of published) {
    const { services, config } = app.context;
    const known = secretsOf({ services, config: { ...config, WEBHOOK_SECRETS: [`x:${secret}`] } }, 'x', scheme);
    const claim = scheme.claimOf((name) => headers[name], Buffer.from(body));
    assert.ok(claim !== undefined);
    const given = { scheme, secrets: known, now: at * 1000, toleranceMs: 300_000 };
    assert.ok(verify(claim, given) !== undefined, JSON.stringify(headers));
  }
});

attack('Q482', 'a byte of the body is changed, or added, or the body is another', async () => {
  for (const [webhook, message] of senders) {
    const id = newId();
    const sent = message(id);
    for (const body of [sent.body.replace('"number":7', '"number":8'), `${sent.body} `, ` ${sent.body}`, '{}', sent.body.replace('canary', 'Canary')]) {
      await refused(webhook, { ...sent, body }, id, body.slice(0, 10));
    }
    assert.equal((await post(webhook, sent)).status, 202, webhook);
  }
});

attack('Q482', 'no signature, an empty one, one that is not ASCII, one of nobody, one that is too long', async () => {
  for (const [webhook, message] of senders) {
    const id = newId();
    const sent = message(id);
    const name = signatureHeaders[webhook] ?? '';
    const right = String(sent.headers[name]);
    await refused(webhook, withoutHeader(sent, name), id, 'none');
    for (const value of ['', 'v1,', 'v0=', 'sha256=', 't=', 'v9=', right.slice(0, -1), `${right}0`, right.replaceAll(/[\da-f]{64}|[A-Za-z\d+/]{43,}={0,2}/g, 'ü'.repeat(32)), 'ÿ'.repeat(44), right.replace(/.$/, 'x'), 'sha256=null', 'v1,undefined', 'a'.repeat(4000)]) {
      await refused(webhook, withHeader(sent, name, value), id, value.slice(0, 20));
    }
    assert.equal((await post(webhook, sent)).status, 202, webhook);
  }
});

attack('Q482', 'two of a header: neither is believed', async () => {
  for (const [webhook, message] of senders) {
    const id = newId();
    const sent = message(id);
    for (const name of Object.keys(sent.headers).filter((header) => header.startsWith('x-acme') || header.includes('-signature') || header.endsWith('timestamp') || header === 'webhook-id')) {
      const right = String(sent.headers[name]);
      for (const two of [[right, 'x'], ['x', right], [right, right]]) await refused(webhook, withHeader(sent, name, two), id, `two of ${name}`);
    }
    assert.equal((await post(webhook, sent)).status, 202, webhook);
  }
});

attack('Q482', "what one sender signs is sent to another's route, also with a header that names it", async () => {
  const id = newId();
  for (const [webhook] of senders) {
    for (const [from, message] of senders) {
      if (from === webhook) continue;
      for (const name of ['', 'x-provider', 'x-webhook', 'x-webhook-provider']) {
        const sent = message(id);
        await refused(webhook, name === '' ? sent : withHeader(sent, name, from), id, `of ${from}`);
      }
    }
  }
  // The same scheme with the secret of somebody else.
  await refused('shop', stripeMessage(bodyOf(id), { secret: secrets.code, at: now() }), id, 'another secret');
  assert.equal((await post('shop', genuine.shop(id))).status, 202);
});

attack('Q482', 'a recorded message with a fresh time: the time is signed', async () => {
  for (const [webhook, message] of timed) {
    const id = newId();
    const sent = message(id);
    app.clock.advance(600_000);
    await refused(webhook, sent, id, 'as it was recorded');
    for (const [name, value] of Object.entries(sent.headers)) {
      const fresh = String(value).replace(String(now() - 600), String(now()));
      if (fresh !== value) await refused(webhook, withHeader(sent, name, fresh), id, `fresh ${name}`);
    }
    const later = newId();
    assert.equal((await post(webhook, message(later))).status, 202, webhook);
  }
});

attack('Q482', 'a time that is too old, too far ahead, or none', async () => {
  for (const [webhook, message] of timed) {
    for (const at of [now() - 301, now() + 301, 0, -1, now() * 1000, Number.NaN, Infinity, 1.5]) {
      const id = newId();
      await refused(webhook, message(id, at), id, String(at));
    }
    for (const at of [now() - 299, now() + 299]) assert.equal((await post(webhook, message(newId(), at))).status, 202, webhook);
    for (const [name, value] of Object.entries(message('x').headers)) {
      if (name === 'stripe-signature' || !String(value).includes(String(now()))) continue;
      for (const time of ['abc', '', '0x1', `${now()}abc`, ` ${now()}e0`, '١٢٣']) {
        const id = newId();
        const latin = Buffer.from(time).toString('latin1');
        await refused(webhook, withHeader(message(id), name, latin), id, `${name}: ${time}`);
      }
    }
  }
  const id = newId();
  const right = String(genuine.shop(id).headers['stripe-signature']);
  for (const value of [right.replace(/t=\d+/, 't=abc'), right.replace(/t=\d+,/, ''), right.replace(/t=\d+/, 't='), `t=${now() + 1},${right}`]) {
    await refused('shop', withHeader(genuine.shop(id), 'stripe-signature', value), id, value.slice(0, 16));
  }
});

attack('Q482', 'the same event again, newly signed and at once at two processes: done once, and the sender hears that all is well', async () => {
  for (const [webhook, message] of senders) {
    const id = newId();
    const answers = await Promise.all([app, other, app, other].map((process) => post(webhook, message(id), process)));
    assert.deepEqual(answers.map(({ status }) => status).toSorted((a, b) => a - b), [202, 204, 204, 204], webhook);
    assert.deepEqual(await rowsOf(id), [1, 1]);
    app.clock.advance(3_600_000);
    assert.equal((await post(webhook, message(id), other)).status, 204);
    assert.equal(await timesDone(id), 1, webhook);
  }
});

attack('Q482', 'a Slack command has no id: the same one again, as it was signed, is done once', async () => {
  const before = done.length;
  const message = slackMessage(`command=%2Fpay&text=${randomUUID()}`, { secret: secrets.chat, at: now() }, 'application/x-www-form-urlencoded');
  assert.equal((await post('chat', message)).status, 202);
  for (const process of [app, other]) assert.equal((await post('chat', message, process)).status, 204);
  await drainJobs(app);
  assert.equal(done.length, before + 1);
});

attack('Q482', 'a GitHub message under a new delivery id, which nobody signed: it is the same message', async () => {
  const id = newId();
  const sent = genuine.code(id);
  assert.equal((await post('code', sent)).status, 202);
  for (const delivery of [newId(), newId()]) {
    assert.equal((await post('code', withHeader(sent, 'x-github-delivery', delivery))).status, 204);
    assert.deepEqual(await rowsOf(delivery), [0, 0]);
  }
  assert.equal(await timesDone(id), 1);
  // Neither does another kind make it new.
  assert.equal((await post('code', withHeader(sent, 'x-github-event', 'issues'))).status, 204);
  const next = newId();
  assert.equal((await post('code', genuine.code(next))).status, 202);
});

attack('Q482', 'a GitHub message after a year: as long as its secret counts, it is remembered', async () => {
  const clock = app.clock;
  const [old, timedId] = [newId(), newId()];
  assert.equal((await post('code', genuine.code(old))).status, 202);
  assert.equal((await post('shop', genuine.shop(timedId))).status, 202);
  await drainJobs(app);
  clock.advance(400 * day);
  await app.context.services.db.transaction((tx) => forgetOldEvents(tx, app.context));
  assert.equal((await post('code', genuine.code(old))).status, 204);
  assert.deepEqual((await rowsOf(timedId))[0], 0, 'the time of the other is signed: it need not be remembered');
  const renewed = await startApp({ modules, clock, env: { WEBHOOK_SECRETS: listOf({ ...secrets, code: word() }) } });
  await renewed.context.services.db.transaction((tx) => forgetOldEvents(tx, renewed.context));
  assert.equal((await rowsOf(old))[0], 0);
  assert.equal((await post('code', genuine.code(old), renewed)).status, 401);
});

attack('Q482', 'a kind of event that nobody asked for: answered well, and nothing is done', async () => {
  for (const type of ['order.deleted', 'ORDER.PAID', '', '__proto__', 'toString', 'constructor']) {
    const id = newId();
    const body = JSON.stringify({ id, type, order: { number: 1 } });
    assert.equal((await post('shop', genuine.shop(id, now(), body))).status, 204, type);
    assert.deepEqual(await rowsOf(id), [0, 0], type);
  }
  const id = newId();
  assert.equal((await post('shop', genuine.shop(id))).status, 202);
});

attack('Q482', 'a genuine message that is no JSON, names a prototype, or does not fit the schema: 4xx, and it can come again', async () => {
  const id = newId();
  const wrong = ['{', '[]', '"x"', 'null', `{"id":"${id}","id":"${id}","type":"order.paid"}`, `{"id":"${id}","type":"order.paid","__proto__":{"x":1}}`, bodyOf(id, '7'), bodyOf(id, null), `{"id":"${id}","type":"order.paid"}`, JSON.stringify({ id: 'x'.repeat(256), type: 'order.paid', order: { number: 7 } }), JSON.stringify({ id: '', type: 'order.paid', order: { number: 7 } })];
  for (const body of wrong) {
    const answer = await post('shop', genuine.shop(id, now(), body));
    assert.ok([204, 400, 422].includes(answer.status), `${answer.status} ${body.slice(0, 60)}`);
    assert.deepEqual(await rowsOf(id), [0, 0], body.slice(0, 60));
  }
  assert.equal((await post('shop', genuine.shop(id, now(), bodyOf(id, '7')))).status, 422);
  assert.equal((await post('shop', genuine.shop(id))).status, 202);
});

attack('Q482', 'a body that is too large, or of another type: refused before it is read', async () => {
  const id = newId();
  const padded = (length: number): string => JSON.stringify({ id, type: 'order.paid', order: { number: 7 }, padding: 'x'.repeat(length) });
  const large = await post('shop', genuine.shop(id, now(), padded(2_000_000))).catch(() => undefined);
  // The connection may end before all of it is written.
  if (large !== undefined) assert.equal(large.status, 413);
  assert.deepEqual(await rowsOf(id), [0, 0]);
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp']) {
    await refused('shop', withHeader(genuine.shop(id), 'content-type', type), id, type, 415);
  }
  assert.equal((await post('shop', genuine.shop(id, now(), padded(900_000)))).status, 202);
});

attack('Q482', 'the work cannot be left: the sender is told, and its next try is new', async () => {
  const id = newId();
  const { query } = app.context.services.db;
  const queue = app.context.config.JOBS_QUEUE;
  const broken = await startApp({ modules, clock: app.clock, env: { WEBHOOK_SECRETS: listOf(secrets) }, config: { JOBS_QUEUE: '\0' } });
  const answer = await post('shop', genuine.shop(id), broken);
  assert.ok(answer.status >= 400, String(answer.status));
  assert.equal((await query.selectFrom('webhook_events').select('event_id').where('event_id', '=', id).execute()).length, 0);
  assert.equal(app.context.config.JOBS_QUEUE, queue);
  assert.equal((await post('shop', genuine.shop(id))).status, 202);
  assert.equal(await timesDone(id), 1);
});

attack('Q482', 'work that fails and is tried again: one effect, and the sender has had its answer', async () => {
  const id = newId();
  failure = new Error('fixture');
  assert.equal((await post('shop', genuine.shop(id))).status, 202);
  assert.equal(await timesDone(id), 0);
  failure = undefined;
  assert.equal((await post('shop', genuine.shop(id))).status, 204);
  app.clock.advance(day);
  assert.equal(await timesDone(id), 1);
});

attack('Q482', 'a secret is replaced: both count until the last day, then the old one is over', async () => {
  const renewed = word();
  const today = new Date(app.clock.now()).toISOString().slice(0, 10);
  const rotating = await startApp({ modules, clock: app.clock, env: { WEBHOOK_SECRETS: `shop:${renewed},shop@${today}:${secrets.shop}` } });
  const signedBy = (secret: string): Sent => stripeMessage(bodyOf(newId()), { secret, at: now() });
  for (const secret of [renewed, secrets.shop]) assert.equal((await post('shop', signedBy(secret), rotating)).status, 202);
  const [first, second] = [signedBy(secrets.shop), signedBy(renewed)].map(({ headers }) => String(headers['stripe-signature']));
  assert.ok(first !== undefined && second !== undefined);
  // A sender that signs with both.
  const body = bodyOf(newId());
  const both = [word(), renewed].map((secret) => String(stripeMessage(body, { secret, at: now() }).headers['stripe-signature']).replace(/^t=\d+,v0=00,/, ''));
  assert.equal((await post('shop', { headers: { 'content-type': 'application/json', 'stripe-signature': `t=${now()},${both.join(',')}` }, body }, rotating)).status, 202);
  app.clock.advance(day);
  assert.equal((await post('shop', signedBy(secrets.shop), rotating)).status, 401);
  assert.equal((await post('shop', signedBy(renewed), rotating)).status, 202);
});

const startWith = (list: string): Promise<TestApp> => startApp({ modules, env: { WEBHOOK_SECRETS: list } });

attack('Q482', 'no secret: nothing is genuine, not even what an empty one signs', async () => {
  const closedApp = await startApp({ modules, clock: app.clock, env: { WEBHOOK_SECRETS: '' } });
  for (const [webhook] of senders) {
    const id = newId();
    const empty = { secret: '', at: now() };
    const messages = [standardMessage(bodyOf(id), empty, id), stripeMessage(bodyOf(id), empty), githubMessage(bodyOf(id), '', 'push', id), slackMessage(bodyOf(id), empty), acmeMessage(bodyOf(id), empty)];
    for (const message of messages) assert.equal((await post(webhook, message, closedApp)).status, 401);
    assert.ok(inForce(closedApp.context).some((sentence) => sentence.includes(`webhook ${webhook} refuses`)));
  }
  assert.equal((await post('shop', genuine.shop(newId()))).status, 202);
  await assert.rejects(startWith('shop:short'), /16 bytes/);
  await assert.rejects(startWith('standard:whsec_c2hvcnQ='), /16 bytes/);
  await assert.rejects(startWith('standard:whsec_!!! no base64 at all !!!'), /16 bytes/);
});

attack('Q482', 'secrets that count for ever, or for two senders: no start', () => {
  const problems = (list: readonly string[]): readonly string[] => bootCheck(processFacts({ ...app.context.config, WEBHOOK_SECRETS: list }));
  assert.deepEqual(problems([`shop:${secrets.shop}`, `shop@2030-01-31:${word()}`, `code:${secrets.code}`]), []);
  const canary = word();
  for (const list of [[`shop:${canary}`, `shop:${word()}`], [`shop:${canary}`, `code:${canary}`], [canary], [`Shop:${canary}`], [`shop@tomorrow:${canary}`], [`shop@2030-13-41:${canary}`], ['shop:']]) {
    const found = problems(list);
    assert.ok(found.length > 0, list.join().replace(canary, 'canary'));
    assert.ok(found.every((problem) => problem.startsWith('WEBHOOK_SECRETS') && !problem.includes(canary)));
  }
});

attack('Q482', 'a scheme whose time is not signed, or that signs no body, is not made', () => {
  assert.ok(hmac(acmeOptions));
  assert.throws(() => hmac({ ...acmeOptions, signs: '{body}' }), /not signed/);
  assert.throws(() => hmac({ ...acmeOptions, signs: 'x-acme-time.{body}' }), /not signed/);
  assert.throws(() => hmac({ ...acmeOptions, signs: '{x-acme-time}' }), /body/);
  assert.throws(() => onEvent({ data: Type.Object({ order: Type.Object({}) }), run: async () => {} }).bind('x'), /not strict/);
  assert.ok(onEvent({ data: closed({ name: text(10) }), run: async () => {} }).bind('x'));
});

attack('Q482', 'refusals and messages are logged without the body or a signature', async () => {
  app.log.clear();
  const id = newId();
  const sent = genuine.shop(id);
  await refused('shop', { ...sent, body: sent.body.replace('7', '8') }, id, 'changed');
  assert.match(app.log.text, /a webhook message was refused/);
  assert.doesNotMatch(app.log.text, /canary|v1=|order\.paid/);
});
