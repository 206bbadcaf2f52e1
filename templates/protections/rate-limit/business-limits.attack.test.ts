import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { created, ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { declareLimit, useUp } from '#src/protections/rate-limit/business-limits.ts';
import { advance, defineFlow } from '#src/protections/rate-limit/flow.ts';
import { idempotent } from '#src/protections/rate-limit/idempotency.ts';
import { deleteOldUses } from '#src/protections/rate-limit/old-rows.ts';
import { closed } from '#src/protections/validation/core.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { send } from '#tests/support/http.ts';

const day = 86_400_000;
const redeemed = declareLimit({ name: 'coupon.redeem', scope: 'global', maximum: 1 });
const perUser = declareLimit({ name: 'coupon.tries', scope: 'user', maximum: 3, windowMs: day });
const budget = declareLimit({ name: 'budget.spend', scope: 'tenant', maximum: 100 });
const placed = declareLimit({ name: 'order.place', scope: 'user', maximum: 1_000_000 });

const checkout = defineFlow({
  name: 'checkout',
  start: 'cart',
  next: { cart: ['address'], address: ['address-checked'], 'address-checked': ['paid'], paid: [] },
});
type Step = 'cart' | 'address' | 'address-checked' | 'paid';
const steps = ['cart', 'address', 'address-checked', 'paid'] as const satisfies readonly Step[];

const prices: Readonly<Record<string, number>> = { hat: 2500, shoe: 9900 };
const Order = closed({ id: Type.String(), total: Type.Integer() });
const once = idempotent(Order);

const Code = closed({ code: Type.String({ minLength: 1, maxLength: 64 }) });

/** What an identity protection would do: the test actor, with a tenant. */
const identity = {
  id: 'fixture-identity',
  install: (_app: unknown, { routing }: typeof app.context) =>
    routing.guard('identity', () => ({ context, request: { headers } }) => {
      const [id] = String(headers['x-test-actor'] ?? '').split(' ');
      if (id !== undefined && id !== '') context.actor = { id, roles: [], tenant: String(headers['x-fixture-tenant'] ?? 'acme') };
      return undefined;
    }),
};

const shop = defineModule({
  id: 'shop',
  prefix: '/shop',
  routes: [
    route({ method: 'POST', path: '/coupons', access: 'user', input: { body: Code }, output: closed({}), summary: 'Redeems a coupon' }, ({ input, context, app }) =>
      app.services.db.transaction(async (tx) => {
        await useUp(tx, perUser, { context, app });
        await useUp(tx, redeemed, { context, app, of: input.body.code });
        return ok({});
      }),
    ),
    route(
      { method: 'POST', path: '/budget', access: 'user', input: { body: closed({ amount: Type.Integer({ minimum: 1, maximum: 1000 }) }) }, output: closed({}), summary: 'Spends' },
      ({ input, context, app }) =>
        app.services.db.transaction(async (tx) => {
          await useUp(tx, budget, { context, app, amount: input.body.amount });
          return ok({});
        }),
    ),
    route(
      {
        method: 'POST',
        path: '/checkout/:id',
        access: 'user',
        input: { params: closed({ id: Type.String() }), body: closed({ step: Type.Union(steps.map((step) => Type.Literal(step))) }) },
        output: closed({}),
        summary: 'Takes a checkout one step on',
      },
      ({ input, app }) =>
        app.services.db.transaction(async (tx) => {
          await advance(tx, checkout, input.params.id, input.body.step);
          return ok({});
        }),
    ),
    route(
      {
        method: 'POST',
        path: '/orders',
        access: 'user',
        input: { body: closed({ sku: Type.String(), quantity: Type.Integer({ minimum: 1, maximum: 100 }) }) },
        output: Order,
        summary: 'Places an order; what it costs is computed here',
      },
      (given) =>
        given.app.services.db.transaction((tx) =>
          once(tx, given, async () => {
            const { sku, quantity } = given.input.body;
            const price = prices[sku];
            if (price === undefined) throw new Problem(409);
            await useUp(tx, placed, given);
            const id = randomUUID();
            return created(`/shop/orders/${id}`, { id, total: price * quantity });
          }),
        ),
    ),
    route({ method: 'POST', path: '/breaks', access: 'user', input: {}, output: closed({}), summary: 'Fails between two writes' }, ({ context, app }) =>
      app.services.db.transaction(async (tx) => {
        await useUp(tx, placed, { context, app });
        await advance(tx, checkout, 'breaks', 'paid');
        return ok({});
      }),
    ),
  ],
});

const app = await startApp({ modules: [shop], bindings: [identity] });

/** How much of a limit a subject has used up. */
const used = async (name: string, subject: string): Promise<number> => {
  const rows = await app.context.services.db.query.selectFrom('business_uses').select('uses').where('name', '=', name).where('subject', '=', subject).execute();
  return rows.reduce((sum, { uses }) => sum + Number(uses), 0);
};

const post = (path: string, actor: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  send(app, 'POST', `/shop${path}`, { headers: { ...as(actor), ...headers }, ...(body === undefined ? {} : { body }) });

const statusesOf = (answers: readonly { readonly status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** A name that no other test and no other run has used. */
const fresh = (name: string): string => `${name}-${randomUUID()}`;

benign('a coupon is redeemed, a checkout runs through its steps, an order is placed', async () => {
  const [buyer, checkoutId] = [fresh('buyer'), fresh('checkout')];
  assert.equal((await post('/coupons', buyer, { code: fresh('code') })).status, 200);
  for (const step of steps) assert.equal((await post(`/checkout/${checkoutId}`, buyer, { step })).status, 200, step);
  const order = await post('/orders', buyer, { sku: 'hat', quantity: 2 }, { 'idempotency-key': fresh('key') });
  assert.equal(order.status, 201);
  assert.equal(order.json()['total'], 5000);
});

benign('what is over is deleted; what is not, and what is for ever, stays', async () => {
  const [buyer, code] = [fresh('buyer'), fresh('code')];
  const key = fresh('key');
  assert.equal((await post('/coupons', buyer, { code })).status, 200);
  assert.equal((await post('/orders', buyer, { sku: 'hat', quantity: 1 }, { 'idempotency-key': key })).status, 201);
  const { db } = app.context.services;
  const left = async (): Promise<readonly number[]> => {
    await db.transaction((tx) => deleteOldUses(tx, app.context));
    const keys = await db.query.selectFrom('idempotency_keys').select('key').where('key', '=', key).execute();
    return [await used(perUser.name, `${buyer}/`), await used(redeemed.name, `everybody/${code}`), keys.length];
  };
  assert.deepEqual(await left(), [1, 1, 1]);
  app.clock.advance(3 * day);
  assert.deepEqual(await left(), [0, 1, 0]);
});

attack('Q427', '20 parallel redemptions of one coupon: one success, 19 times 409', async () => {
  const code = fresh('code');
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/coupons', fresh('buyer'), { code })));
  assert.deepEqual(statusesOf(answers), { 200: 1, 409: 19 });
  assert.equal(await used('coupon.redeem', `everybody/${code}`), 1);
});

attack('Q427', 'a user at the limit of the day is refused, another is not, tomorrow neither', async () => {
  const [buyer, other] = [fresh('buyer'), fresh('buyer')];
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/coupons', buyer, { code: fresh('code') })));
  assert.deepEqual(statusesOf(answers), { 200: 3, 409: 7 });
  assert.equal((await post('/coupons', other, { code: fresh('code') })).status, 200);
  app.clock.advance(day);
  assert.equal((await post('/coupons', buyer, { code: fresh('code') })).status, 200);
});

attack('Q427', 'parallel amounts on the budget of a tenant: never above it, not by one large amount either', async () => {
  const tenant = { 'x-fixture-tenant': fresh('tenant') };
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/budget', fresh('member'), { amount: 30 }, tenant)));
  assert.deepEqual(statusesOf(answers), { 200: 3, 409: 17 });
  assert.equal(await used('budget.spend', `${tenant['x-fixture-tenant']}/`), 90);
  const rich = { 'x-fixture-tenant': fresh('tenant') };
  assert.equal((await post('/budget', fresh('member'), { amount: 101 }, rich)).status, 409);
  assert.equal(await used('budget.spend', `${rich['x-fixture-tenant']}/`), 0);
});

attack('Q427', 'the refusal at a limit says nothing of who reached it', async () => {
  const code = fresh('code');
  await post('/coupons', 'first-buyer', { code });
  const refused = await post('/coupons', fresh('buyer'), { code });
  assert.equal(refused.status, 409);
  assert.doesNotMatch(refused.text, /first-buyer|coupon\.redeem/);
});

attack('Q427', 'a step before the one it needs, a step twice, a step by 20 at once, a start again: 409', async () => {
  const id = fresh('checkout');
  const go = (step: Step) => post(`/checkout/${id}`, 'buyer', { step });
  assert.equal((await go('address')).status, 409, 'before the start');
  assert.equal((await go('cart')).status, 200);
  assert.equal((await go('address-checked')).status, 409, 'step 3 before step 2');
  assert.equal((await go('paid')).status, 409, 'the last before the second');
  assert.deepEqual(statusesOf(await Promise.all(Array.from({ length: 20 }, () => go('address')))), { 200: 1, 409: 19 });
  assert.equal((await go('address')).status, 409, 'step 2 twice');
  assert.equal((await go('cart')).status, 409, 'start again');
  assert.equal((await go('address-checked')).status, 200);
});

attack('Q427', 'one Idempotency-Key, sent 10 times at once and once more: one order, the same answer', async () => {
  const buyer = fresh('buyer');
  const key = { 'idempotency-key': fresh('key') };
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/orders', buyer, { sku: 'shoe', quantity: 1 }, key)));
  answers.push(await post('/orders', buyer, { sku: 'shoe', quantity: 1 }, key));
  assert.deepEqual(statusesOf(answers), { 201: 11 });
  assert.equal(new Set(answers.map(({ text, headers }) => `${text} ${headers.location}`)).size, 1);
  assert.equal(await used('order.place', `${buyer}/`), 1);
});

attack('Q427', 'another body under the same key: 422; no key, a bad key: 400; the key of another user is not shared', async () => {
  const [buyer, other] = [fresh('buyer'), fresh('buyer')];
  const key = { 'idempotency-key': fresh('key') };
  const first = await post('/orders', buyer, { sku: 'hat', quantity: 1 }, key);
  assert.equal(first.status, 201);
  assert.equal((await post('/orders', buyer, { sku: 'hat', quantity: 99 }, key)).status, 422);
  assert.equal((await post('/orders', buyer, { sku: 'hat', quantity: 1 })).status, 400);
  assert.equal((await post('/orders', buyer, { sku: 'hat', quantity: 1 }, { 'idempotency-key': 'x' })).status, 400);
  assert.equal(await used('order.place', `${buyer}/`), 1);
  const foreign = await post('/orders', other, { sku: 'hat', quantity: 1 }, key);
  assert.equal(foreign.status, 201);
  assert.notEqual(foreign.json()['id'], first.json()['id']);
});

attack('Q427', 'an action that failed did not use up its key; a key is free again after a day', async () => {
  const buyer = fresh('buyer');
  const key = { 'idempotency-key': fresh('key') };
  assert.equal((await post('/orders', buyer, { sku: 'sold-out', quantity: 1 }, key)).status, 409);
  const first = await post('/orders', buyer, { sku: 'hat', quantity: 1 }, key);
  assert.equal(first.status, 201);
  app.clock.advance(day + 1);
  const later = await post('/orders', buyer, { sku: 'hat', quantity: 1 }, key);
  assert.equal(later.status, 201);
  assert.notEqual(later.json()['id'], first.json()['id']);
});

attack('Q427', 'quantities of -1, 0, 0.5, 1e309 and as text, and a price from the client: refused, nothing stored', async () => {
  const buyer = fresh('buyer');
  const quantities = ['-1', '0', '0.5', '1e309', '101', '"1"', 'null', '[1]'];
  const bodies = [...quantities.map((quantity) => `{"sku":"hat","quantity":${quantity}}`), '{"sku":"hat","quantity":1,"price":1}', '{"sku":"hat","quantity":1,"total":1}'];
  for (const body of bodies) {
    const { status } = await post('/orders', buyer, body, { 'idempotency-key': fresh('key') });
    assert.ok(status === 422 || status === 400, `${body}: ${status}`);
  }
  assert.equal(await used('order.place', `${buyer}/`), 0);
});

attack('Q427', 'a failure after the first of two writes: neither is stored', async () => {
  const buyer = fresh('buyer');
  assert.equal((await post('/breaks', buyer)).status, 409);
  assert.equal(await used('order.place', `${buyer}/`), 0);
});
