import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import Type from 'typebox';
import { processFacts } from '#src/config.ts';
import { bootCheck } from '#src/protections/access-control/boot-check.ts';
import { devIdentity } from '#src/protections/access-control/dev-identity.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent, ok, page } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { cellsOf, driftFrom, matrixGaps, ownedObjects, pathWith, tryCell } from '#tests/support/access-control/matrix.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { lint } from '#tests/support/database/lint-fixture.ts';
import { type Received, send } from '#tests/support/http.ts';

const root = join(import.meta.dirname, '../..');
const documents = '/api/v1/documents';

/** Users of this run only: on a server, other test files write to the same database. */
const [alice, bob] = [`alice-${randomUUID()}`, `bob-${randomUUID()}`];
const asAlice = as(alice);
const asBob = as(bob);

const entity = {
  id: 'e1',
  name: 'Eve',
  email: 'eve@example.test',
  passwordHash: 'canary-hash',
  profile: { city: 'Bern', apiKey: 'canary-key' },
  sessions: [{ device: 'phone', token: 'canary-token' }],
};
const misfit = { ...entity, name: 17, passwordHash: 'canary-hash' };
const Person = closed({
  id: Type.String(),
  name: Type.String(),
  profile: closed({ city: Type.String() }),
  sessions: Type.Array(closed({ device: Type.String() })),
});
const PersonForAdmin = closed({ id: Type.String(), name: Type.String(), email: Type.String() });
const Loose = closed({ id: Type.String(), name: Type.Union([Type.String(), Type.Number()]) });
const calls: string[] = [];

const people = defineModule({
  id: 'people-fixture',
  prefix: '/people',
  routes: [
    route(
      { method: 'GET', path: '/one', access: 'user', input: {}, output: Person, outputFor: { admin: PersonForAdmin }, summary: 'One' },
      () => ok(entity),
    ),
    route({ method: 'GET', path: '/all', access: 'public', input: {}, output: closed({ items: Type.Array(Person) }), summary: 'All' }, () =>
      ok({ items: [entity] }),
    ),
    route({ method: 'GET', path: '/either', access: 'public', input: {}, output: Type.Union([Person, Loose]), summary: 'A union' }, () =>
      ok(entity),
    ),
    route({ method: 'GET', path: '/conflict', access: 'public', input: {}, output: Person, summary: 'Refuses' }, () => {
      throw new Problem(409, { cause: new Error(JSON.stringify(entity)) });
    }),
    route({ method: 'GET', path: '/misfit', access: 'public', input: {}, output: Loose, summary: 'Fits' }, () => ok(misfit)),
    route(
      {
        method: 'GET',
        path: '/broken',
        access: 'public',
        input: {},
        output: closed({ id: Type.String(), email: Type.Integer() }),
        summary: 'Does not fit',
      },
      () => ok(JSON.parse(JSON.stringify(entity))),
    ),
    route({ method: 'GET', path: '/page', access: 'public', input: {}, output: closed({}), summary: 'Text under an object schema' }, () =>
      page(JSON.stringify(entity)),
    ),
  ],
});

const admin = defineModule({
  id: 'admin-fixture',
  prefix: '/admin',
  routes: [
    route(
      { method: 'GET', path: '/users', access: 'role:admin', input: {}, output: closed({ users: Type.Integer() }), summary: 'Admins only' },
      () => {
        calls.push('list');
        return ok({ users: 2 });
      },
    ),
    route({ method: 'POST', path: '/users', access: 'user', input: {}, output: closed({}), summary: 'Users' }, () => ok({})),
    route({ method: 'DELETE', path: '/users', access: 'role:admin', input: {}, output: closed({}), summary: 'Admins only' }, () => {
      calls.push('delete');
      return noContent();
    }),
    route(
      { method: 'GET', path: '/metrics', access: 'internal', input: {}, output: closed({ up: Type.Boolean() }), summary: 'Machines only' },
      () => ok({ up: true }),
    ),
    route(
      { method: 'GET', path: '/jobs', access: 'service', input: {}, output: closed({ jobs: Type.Integer() }), summary: 'Services only' },
      () => ok({ jobs: 0 }),
    ),
  ],
});

const token = 'a-token-of-at-least-32-characters-1';
const app = await startApp({ modules: [people, admin], env: { INTERNAL_URL: 'http://127.0.0.1:0', INTERNAL_TOKEN: token } });
const { inventory } = app.context.routing;

/** The app as it is seen through the internal listener. */
const internalApp = async () => {
  for (;;) {
    const line = app.log.lines.find(({ msg }) => msg === 'the internal listener listens');
    const { address }: { address?: { port: number } } = line ?? {};
    if (address !== undefined) return { ...app, port: address.port };
    await tick();
  }
};

const create = async (headers: Record<string, string>, title: string): Promise<string> => {
  const answer = await send(app, 'POST', documents, { headers, body: { title, body: `body of ${title}` } });
  assert.equal(answer.status, 201);
  return String(answer.json()['id']);
};

const titlesIn = (answer: Received): string[] => {
  const { items }: { items?: { title: string }[] } = answer.json();
  return (items ?? []).map(({ title }) => title);
};

/** A module of one route that says of itself what no type would let it say. */
const routeThatSays = (field: 'access' | 'output', value: unknown) => {
  const only = route({ method: 'GET', path: '/', access: 'public', input: {}, output: closed({}), summary: 'Open' }, () => noContent());
  Reflect.set(only.spec, field, value);
  return defineModule({ id: 'open', prefix: '/open', routes: [only] });
};

benign('an owner creates, reads, changes, comments, finds and deletes a document', async () => {
  const id = await create(asAlice, 'plans');
  assert.equal(
    (await send(app, 'PUT', `${documents}/${id}`, { headers: asAlice, body: { id, title: 'plans 2', body: '' } })).json()['title'],
    'plans 2',
  );
  assert.equal((await send(app, 'PATCH', `${documents}/${id}`, { headers: asAlice, body: { body: 'new' } })).json()['body'], 'new');
  assert.equal((await send(app, 'POST', `${documents}/${id}/comments`, { headers: asAlice, body: { text: 'good' } })).status, 201);
  assert.match((await send(app, 'GET', `${documents}/${id}/comments`, { headers: asAlice })).text, /good/);
  assert.ok(titlesIn(await send(app, 'GET', `${documents}/search?q=plans`, { headers: asAlice })).includes('plans 2'));
  assert.equal((await send(app, 'DELETE', `${documents}/${id}`, { headers: asAlice })).status, 204);
  assert.equal((await send(app, 'GET', `${documents}/${id}`, { headers: asAlice })).status, 404);
});

benign('a list is read page by page, in every order', async () => {
  const headers = as(`reader-${randomUUID()}`);
  for (const title of ['b', 'a', 'c', 'd', 'e']) await create(headers, title);
  for (const sort of ['title', 'createdAt', 'updatedAt']) {
    const seen: string[] = [];
    for (
      let query = `sort=${sort}&dir=asc&limit=2`, next: unknown = '';
      next !== undefined;
      query = `sort=${sort}&dir=asc&limit=2&cursor=${String(next)}`
    ) {
      const answer = await send(app, 'GET', `${documents}?${query}`, { headers });
      assert.equal(answer.status, 200);
      seen.push(...titlesIn(answer));
      ({ next } = answer.json());
    }
    assert.deepEqual(seen.toSorted(), ['a', 'b', 'c', 'd', 'e'], sort);
    if (sort === 'title') assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  }
});

benign('an administrator reaches the admin route', async () => {
  assert.deepEqual((await send(app, 'GET', '/admin/users', { headers: as('root', 'admin') })).json(), { users: 2 });
});

attack('Q411', 'actors x routes x objects: on every route the objects of others are missing and stay as they were', async () => {
  const cells = cellsOf(inventory, await ownedObjects());
  assert.ok(cells.length >= 7);
  for (const cell of cells) {
    const name = `${cell.method} ${cell.policy.fullPath}`;
    const [owner, other] = (await cell.object.people?.(app)) ?? [asAlice, asBob];
    const params = await cell.object.create(app, owner);
    const before = await cell.object.state(app, owner, params);
    const foreign = await tryCell(app, cell, other, params);
    assert.equal(foreign.status, 404, name);
    const missing = await tryCell(app, cell, other, {});
    const withoutIds = (answer: Received): string => answer.text.replaceAll(/"(?:errorId|requestId|instance)":"[^"]*"/g, '');
    assert.equal(withoutIds(foreign), withoutIds(missing), name);
    assert.equal(await cell.object.state(app, owner, params), before, name);
    assert.ok((await tryCell(app, cell, owner, params)).status < 300, name);
  }
});

attack('Q411', 'list, search, export and comments show no row of another', async () => {
  const id = await create(asAlice, 'needle-of-alice');
  await create(asBob, 'needle-of-bob');
  assert.ok(titlesIn(await send(app, 'GET', `${documents}?limit=100`, { headers: asAlice })).includes('needle-of-alice'));
  for (const path of ['?limit=100', '/search?q=needle', '/export']) {
    const answer = await send(app, 'GET', `${documents}${path}`, { headers: asBob });
    assert.deepEqual(titlesIn(answer), ['needle-of-bob'], path);
  }
  const cursor = Buffer.from(JSON.stringify(['2999-01-01T00:00:00.000Z', id])).toString('base64url');
  assert.deepEqual(titlesIn(await send(app, 'GET', `${documents}?cursor=${cursor}`, { headers: asBob })), ['needle-of-bob']);
  assert.equal((await send(app, 'GET', `${documents}/${id}/comments`, { headers: asBob })).status, 404);
});

attack('Q411', 'an id in the body that is not the one in the path answers 422 and changes neither', async () => {
  const [mine, other] = [await create(asAlice, 'first'), await create(asAlice, 'second')];
  for (const method of ['PUT', 'PATCH']) {
    const answer = await send(app, method, `${documents}/${mine}`, { headers: asAlice, body: { id: other, title: 'changed', body: '' } });
    assert.equal(answer.status, 422, method);
  }
  assert.equal((await send(app, 'GET', `${documents}/${mine}`, { headers: asAlice })).json()['title'], 'first');
  assert.equal((await send(app, 'GET', `${documents}/${other}`, { headers: asAlice })).json()['title'], 'second');
});

attack('Q411', 'a bulk call with one foreign id applies nothing', async () => {
  const [own, foreign] = [await create(asBob, 'own'), await create(asAlice, 'foreign')];
  const bulk = (ids: readonly string[]) => send(app, 'POST', `${documents}/bulk`, { headers: asBob, body: { action: 'delete', ids } });
  assert.equal((await bulk([own, foreign])).status, 404);
  assert.equal((await send(app, 'GET', `${documents}/${own}`, { headers: asBob })).status, 200);
  assert.equal((await send(app, 'GET', `${documents}/${foreign}`, { headers: asAlice })).status, 200);
  assert.deepEqual((await bulk([own])).json(), { deleted: 1 });
});

attack('Q411', 'a new route to objects that the matrix cannot try is a gap', async () => {
  const objects = await ownedObjects();
  assert.deepEqual(matrixGaps(inventory, objects), []);
  const [known] = inventory;
  assert.ok(known);
  const gaps = matrixGaps([...inventory, { ...known, method: 'GET', access: 'user', fullPath: '/invoices/:id' }], objects);
  assert.match(gaps.join(), /GET \/invoices\/:id takes an id/);
});

attack('Q411', 'no repository exports a finder that does not ask for the actor', async () => {
  const folder = join(root, 'src/routes');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('repository.ts'));
  assert.ok(files.length > 0);
  for (const file of files) {
    const exported = [...(await readFile(join(folder, file), 'utf8')).matchAll(/^export (?!interface|type).*$/gm)].map(([line]) => line);
    assert.ok(exported.length > 0);
    for (const line of exported) assert.match(line, /^export const \w+ = \(actor: Actor\b/, file);
  }
});

attack('Q455', 'an entity with secrets in detail, list, union, refusal and export: none of them leaves', async () => {
  const one = await send(app, 'GET', '/people/one', { headers: asAlice });
  assert.deepEqual(one.json(), { id: 'e1', name: 'Eve', profile: { city: 'Bern' }, sessions: [{ device: 'phone' }] });
  for (const path of ['/people/all', '/people/either', '/people/conflict', '/people/misfit']) {
    const answer = await send(app, 'GET', path);
    assert.ok(answer.status === 200 || answer.status === 409, path);
    assert.doesNotMatch(answer.text, /canary/, path);
  }
});

attack('Q455', 'a column for moderators: absent for its owner on every route, present for an administrator on the same', async () => {
  const owner = `owner-${randomUUID()}`;
  const id = await create(as(owner), 'noted');
  await app.context.services.db.query.updateTable('documents').set({ moderation_note: 'canary-note' }).where('id', '=', id).execute();
  await send(app, 'POST', `${documents}/${id}/comments`, { headers: as(owner), body: { text: 'hello' } });
  for (const path of [`/${id}`, '', '/search?q=noted', '/export', `/${id}/comments`, `/${randomUUID()}`]) {
    const answer = await send(app, 'GET', `${documents}${path}`, { headers: as(owner) });
    assert.doesNotMatch(answer.text, /canary-note|moderation|owner_?id/i, path);
  }
  for (const path of [`/${id}`, '', '/export']) {
    assert.match((await send(app, 'GET', `${documents}${path}`, { headers: as(owner, 'admin') })).text, /canary-note/, path);
  }
});

attack('Q455', 'an administrator gets the schema of the role, a user and a made-up role do not', async () => {
  assert.equal((await send(app, 'GET', '/people/one', { headers: as('root', 'admin') })).json()['email'], 'eve@example.test');
  for (const role of ['editor', 'administrator', 'ADMIN']) {
    assert.doesNotMatch((await send(app, 'GET', '/people/one', { headers: as('mallory', role) })).text, /example\.test/, role);
  }
});

attack('Q455', 'a route without a closed output schema refuses to boot', async () => {
  const open = [Type.Object({ id: Type.String() }), closed({ nested: Type.Object({}) }), Type.Array(Type.Object({})), Type.Any()];
  const vague = [closed({ rest: Type.Unknown() }), Type.Record(Type.String(), Type.String()), Type.Union([Person, Type.Object({})])];
  for (const output of [undefined, ...open, ...vague]) {
    await assert.rejects(startApp({ modules: [routeThatSays('output', output)] }), /GET \/open(\/\S*)? (has no schema|answers with)/);
  }
  await (await startApp({ modules: [routeThatSays('output', Person)] })).close();
});

attack('Q455', 'an answer that does not fit its schema is a generic 500, not a body', async () => {
  for (const path of ['/people/broken', '/people/page']) {
    const answer = await send(app, 'GET', path);
    assert.equal(answer.status, 500, path);
    assert.doesNotMatch(answer.text, /canary|eve@|schema/, path);
  }
});

attack('Q455', 'asking for more fields or relations answers 422', async () => {
  const id = await create(asAlice, 'fields');
  for (const query of ['fields=passwordHash', 'include=sessions', 'fields=moderation_note', 'expand=owner']) {
    for (const path of [documents, `${documents}/${id}`])
      assert.equal((await send(app, 'GET', `${path}?${query}`, { headers: asAlice })).status, 422, `${path}?${query}`);
  }
});

attack('Q455', 'the linter refuses to select every column', async () => {
  const query = (end: string): string =>
    `import type { Kysely } from 'kysely';\nexport const read = (db: Kysely<{ t: { a: string } }>) => ${end};\n`;
  const fine = await lint(query("db.selectFrom('t').select('a')"));
  assert.equal(fine.code, 0, fine.report);
  const refused = await lint(query("[db.selectFrom('t').selectAll(), db.deleteFrom('t').returningAll()]"));
  assert.notEqual(refused.code, 0);
  assert.equal(refused.report.split('access-control(no-select-all)').length, 3, refused.report);
});

attack('Q463', 'a route without an access value, or with an unknown one, refuses to boot', async () => {
  for (const access of [undefined, null, '', 'everyone', 'User', 'role:', 'role:Admin', 'public user']) {
    await assert.rejects(startApp({ modules: [routeThatSays('access', access)] }), /does not say who may call it/, String(access));
  }
  await (await startApp({ modules: [routeThatSays('access', 'role:admin')] })).close();
});

attack('Q463', 'nobody over the whole inventory: 401 on everything that is not public', async () => {
  const closedRoutes = inventory.filter(({ access }) => access !== 'public');
  assert.ok(closedRoutes.length > 10);
  for (const policy of closedRoutes) {
    const answer = await send(app, policy.method, pathWith(policy));
    assert.equal(answer.status, policy.access === 'internal' ? 404 : 401, `${policy.method} ${policy.fullPath}`);
  }
  assert.equal((await send(app, 'GET', '/healthz')).status, 200);
});

attack('Q463', 'a user on the routes of roles and services: 403', async () => {
  const privileged = inventory.filter(({ access }) => access === 'service' || access.startsWith('role:'));
  assert.ok(privileged.length >= 3);
  for (const policy of privileged) {
    for (const headers of [asAlice, as(alice, 'user', 'administrator')]) {
      assert.equal((await send(app, policy.method, pathWith(policy), { headers })).status, 403, `${policy.method} ${policy.fullPath}`);
    }
  }
});

attack('Q463', 'other spellings of an admin path are never served to a user', async () => {
  calls.length = 0;
  const spellings = [
    '/ADMIN/users',
    '/Admin/Users',
    '/admin/users/',
    '//admin/users',
    '/admin//users',
    '/admin%2fusers',
    '/admin%2Fusers',
    '/admin/./users',
  ];
  for (const path of [
    ...spellings,
    '/x/../admin/users',
    '/admin/users;x=1',
    '/admin/users%00',
    '/admin/users%20',
    '/admin/users?x',
    '\\admin\\users',
    '/%61dmin/users',
  ]) {
    for (const headers of [asAlice, {}]) {
      const { status } = await send(app, 'GET', path, { headers });
      assert.ok(status >= 400 && status < 500, `${path} ${status}`);
    }
  }
  assert.deepEqual(calls, []);
});

attack('Q463', 'an overridden method and HEAD pass no guard', async () => {
  calls.length = 0;
  for (const override of [{ 'x-http-method-override': 'DELETE' }, { 'x-http-method': 'DELETE' }, { 'x-method-override': 'DELETE' }]) {
    assert.equal((await send(app, 'POST', '/admin/users', { headers: { ...asAlice, ...override } })).status, 200);
    assert.equal((await send(app, 'POST', '/admin/users?_method=DELETE', { headers: asAlice })).status, 422);
  }
  assert.equal((await send(app, 'HEAD', '/admin/users', { headers: asAlice })).status, 403);
  assert.equal((await send(app, 'HEAD', '/admin/users')).status, 401);
  assert.deepEqual(calls, []);
});

attack('Q463', 'an internal route does not exist on the public port, whatever the request claims', async () => {
  const inside = await internalApp();
  const bearer = { authorization: `Bearer ${token}` };
  assert.deepEqual((await send(inside, 'GET', '/admin/metrics', { headers: bearer })).json(), { up: true });
  const unknown = await send(app, 'GET', '/admin/no-such-route');
  for (const headers of [
    {},
    bearer,
    asAlice,
    as('m', 'service'),
    { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': String(inside.port) },
  ]) {
    assert.equal((await send(app, 'GET', '/admin/metrics', { headers })).status, unknown.status);
  }
  assert.equal((await send(app, 'GET', '/admin/jobs', { headers: bearer })).status, 401);
});

attack('Q463', 'the internal listener wants the token of a service', async () => {
  const inside = await internalApp();
  for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Bearer ${token}x`, token, `bearer ${token.toUpperCase()}`]) {
    assert.equal((await send(inside, 'GET', '/admin/metrics', { headers: { authorization } })).status, 401, authorization);
  }
  assert.equal((await send(inside, 'GET', '/admin/metrics', { headers: asAlice })).status, 403);
  assert.equal((await send(inside, 'GET', '/admin/jobs', { headers: { authorization: `Bearer ${token}` } })).status, 200);
});

attack('Q463', 'the identity for development: off by default, from this machine only, refused in production', async () => {
  const dev = { authorization: 'Dev carol admin' };
  assert.equal((await send(app, 'GET', '/admin/users', { headers: dev })).status, 401);
  const developing = await startApp({ modules: [admin], env: { DEV_IDENTITY: 'on' } });
  assert.equal((await send(developing, 'GET', '/admin/users', { headers: dev })).status, 200);
  assert.equal((await send(developing, 'GET', '/admin/users', { headers: { authorization: 'Dev carol' } })).status, 403);
  const remote = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: '203.0.113.9' }));
  remote.headers.authorization = dev.authorization;
  assert.equal(devIdentity(remote), undefined);
  const facts = processFacts(app.context.config);
  const problems = bootCheck({ ...facts, config: { ...facts.config, NODE_ENV: 'production', DEV_IDENTITY: true } });
  assert.match(problems.join(), /DEV_IDENTITY/);
  assert.match(bootCheck({ ...facts, config: { ...facts.config, INTERNAL_TOKEN: 'short' } }).join(), /INTERNAL_TOKEN/);
  assert.deepEqual(bootCheck(facts), []);
});

attack('Q463', 'a route that the inventory does not have makes the snapshot fail', async () => {
  const snapshot = await readFile(join(root, 'docs/security/routes.md'), 'utf8');
  const registered = inventory.filter(({ fullPath }) => !/^\/(people|admin)\//.test(fullPath));
  assert.deepEqual(driftFrom(snapshot, registered), []);
  const [known] = registered;
  assert.ok(known);
  assert.deepEqual(driftFrom(snapshot, [...registered, { ...known, method: 'GET', fullPath: '/side-door' }]), [
    `GET /side-door ${known.access}`,
  ]);
  assert.equal(driftFrom(snapshot, registered.slice(1)).length, 1);
  assert.equal(driftFrom(snapshot, registered.with(0, { ...known, access: 'role:other' })).length, 2);
});
