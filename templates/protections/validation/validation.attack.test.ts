import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type, { type TSchema } from 'typebox';
import Format from 'typebox/format';
import { processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { bootCheck } from '#src/protections/validation/boot-check.ts';
import { closed, createCompileInput } from '#src/protections/validation/core.ts';
import { date, isEmail, text } from '#src/protections/validation/formats.ts';
import { parseJson } from '#src/protections/validation/json.ts';
import { childrenOf, keyword } from '#src/protections/validation/keywords.ts';
import { mergeDeclared } from '#src/protections/validation/merge.ts';
import { patternRisk } from '#src/protections/validation/pattern.ts';
import { MAX_QUERY_BYTES, parseQuery } from '#src/protections/validation/query.ts';
import { inOrder, ruled, rulesOf } from '#src/protections/validation/rules.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { cpuCost } from '#tests/support/cost.ts';
import { type Received, send } from '#tests/support/http.ts';
import { fixture, moduleWith, row, seen, settings } from '#tests/support/validation/fixtures.ts';
import { lint } from '#tests/support/validation/lint.ts';

const app = await startApp({ modules: [fixture] });

const patchMe = (body: unknown, headers = {}): Promise<Received> => send(app, 'PATCH', '/fixture/me', { body, headers });
const postNote = (body: unknown, headers = {}): Promise<Received> => send(app, 'POST', '/fixture/notes', { body, headers });
const getItems = (search: string): Promise<Received> => send(app, 'GET', `/fixture/items?${search}`);

const assertStatus = (answer: Received, status: number, what: string): void =>
  assert.equal(answer.status, status, `${what}: ${answer.text}`);

/** The status of the Problem that `run` throws. */
const refusal = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error.status;
    throw error;
  }
  return 200;
};

const isPolluted = (): boolean => 'polluted' in {};

benign('a profile is changed by its declared fields', async () => {
  const answer = await patchMe({ name: 'Ada L.', profile: { bio: 'counts' } });
  assertStatus(answer, 200, 'patch');
  assert.deepEqual([row.name, row.profile.bio], ['Ada L.', 'counts']);
  assertStatus(await patchMe('{"name":"Zoë \\ud83d\\ude00"}', { 'content-type': 'application/json; charset=UTF-8' }), 200, 'charset');
});

benign('queries and parameters arrive as their declared type', async () => {
  const answer = await getItems('limit=5&ratio=0.5&exact=true&size=10&q=a+b%26c&tag=x&tag=y');
  assert.deepEqual(JSON.parse(String(answer.json()['seen'])), { limit: 5, ratio: 0.5, exact: true, size: 10, q: 'a b&c', tag: ['x', 'y'] });
  assert.equal((await getItems('size=all&limit=100')).status, 200);
  assert.equal((await send(app, 'GET', '/fixture/items/a%20b')).json()['seen'], 'a b');
  assert.equal((await send(app, 'GET', '/fixture/items')).status, 200);
});

benign('a booking that keeps every rule is taken', async () => {
  assertStatus(await send(app, 'POST', '/fixture/bookings', { body: booking() }), 200, 'booking');
});

benign('merging settings keeps what was not sent', () => {
  assert.deepEqual(mergeDeclared(['a', 'b'], { a: 1, b: 2, c: 3 }, { b: 5 }), { a: 1, b: 5, c: 3 });
});

const booking = (changes: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  email: 'ada@example.org',
  birthDate: '2000-01-01',
  start: '2030-02-01',
  end: '2030-02-03',
  country: 'NL',
  postcode: '1012 AB',
  ...changes,
});

// Q413

const privileged: readonly string[] = [
  '{"name":"x","role":"admin"}',
  '{"name":"x","isAdmin":true}',
  '{"name":"x","tenantId":"t2"}',
  '{"name":"x","id":"u2"}',
  '{"name":"x","passwordHash":"x"}',
  '{"name":"x","emailVerified":true}',
  '{"name":"x","profile":{"bio":"x","role":"admin"}}',
];

attack('Q413', 'a privileged field beside an honest one changes nothing', async () => {
  assertStatus(await patchMe({ name: 'before' }), 200, 'control');
  const before = JSON.stringify(row);
  for (const body of privileged) assertStatus(await patchMe(body), 422, body);
  assertStatus(await patchMe('{"name":"x","__proto__":{"role":"admin"}}'), 400, '__proto__');
  assert.equal(JSON.stringify(row), before);
});

attack('Q413', 'privileged fields find no other way in', async () => {
  const before = JSON.stringify(row);
  const form = await patchMe('name=x&role=admin', { 'content-type': 'application/x-www-form-urlencoded' });
  const boundary = 'b0';
  const part = `--${boundary}\r\ncontent-disposition: form-data; name="role"\r\n\r\nadmin\r\n--${boundary}--\r\n`;
  const multipart = await patchMe(part, { 'content-type': `multipart/form-data; boundary=${boundary}` });
  const query = await send(app, 'PATCH', '/fixture/me?role=admin', { body: { name: 'x' } });
  assert.deepEqual([form.status, multipart.status, query.status], [415, 415, 422]);
  assert.equal(JSON.stringify(row), before);
});

attack('Q413', 'a schema that is open at any level does not boot', async () => {
  const open = Type.Object({ name: Type.String() });
  const loose: readonly TSchema[] = [
    open,
    closed({ profile: open }),
    closed({ list: Type.Array(open) }),
    closed({ either: Type.Union([closed({ a: Type.String() }), open]) }),
    closed({ anything: Type.Any() }),
    closed({ constructor: Type.String() }),
  ];
  for (const body of loose) await assert.rejects(startApp({ modules: [moduleWith({ body })] }), /not strict: `body/, JSON.stringify(body));
  await startApp({ modules: [moduleWith({ body: closed({ list: Type.Array(closed({ a: Type.String() })) }) })] });
});

attack('Q413', 'code that writes whole inputs does not pass the build', () => {
  const spreads = {
    'set-body': 'export const f = (db: { set: (v: object) => void }, req: { body: object }) => db.set(req.body);',
    'values-input': 'export const f = (db: { values: (v: object) => void }, input: { body: object }) => db.values(input.body);',
    'spread-body': 'export const f = (input: { body: object }) => ({ ...input.body, owner: 1 });',
    'assign-query': 'export const f = (to: object, query: object) => Object.assign(to, query);',
  };
  const named =
    'export const f = (db: { set: (v: object) => void }, input: { body: { name: string } }) => db.set({ name: input.body.name });';
  const verdict = lint({ ...spreads, named });
  assert.equal(verdict.passes, false);
  for (const name of Object.keys(spreads)) assert.deepEqual(verdict.rulesOf(name), ['validation(no-input-spread)'], name);
  assert.deepEqual(verdict.rulesOf('named'), []);
});

// Q419

const nested = (member: string, depth: number): string => `${'{"a":'.repeat(depth - 1)}{${member}}${'}'.repeat(depth - 1)}`;

attack('Q419', 'no body names a prototype, however deep', async () => {
  assertStatus(await postNote({ text: 'honest' }), 200, 'control');
  const count = seen.length;
  for (const member of [
    '"__proto__":{"polluted":true}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"\\u005f_proto__":{"polluted":true}',
  ]) {
    for (const depth of [1, 5]) assertStatus(await postNote(nested(member, depth)), 400, `${member} at ${depth}`);
  }
  assert.equal(isPolluted(), false);
  assert.equal(seen.length, count);
});

attack('Q419', 'a merge takes declared keys only', async () => {
  assertStatus(await send(app, 'PATCH', '/fixture/settings', { body: { theme: 'dark' } }), 200, 'control');
  for (const body of [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"plan":"paid"}',
    '{"theme":{"__proto__":{"polluted":1}}}',
  ]) {
    const answer = await send(app, 'PATCH', '/fixture/settings', { body });
    assert.ok([400, 422].includes(answer.status), body);
  }
  assert.deepEqual(settings, { theme: 'dark', language: 'en', plan: 'free' });
  const hostile = Object.defineProperty({ a: 2, constructor: { prototype: { polluted: 1 } } }, '__proto__', {
    value: { polluted: 1 },
    enumerable: true,
  });
  const merged = mergeDeclared(['a'], { a: 1 }, hostile);
  assert.deepEqual([merged, Object.keys(merged), isPolluted()], [{ a: 2 }, ['a'], false]);
});

attack('Q419', 'serialised code is text', async () => {
  const marker = join(tmpdir(), `deserialised-${process.pid}`);
  const payloads = [
    `{"rce":"_$$ND_FUNC$$_function(){require('fs').writeFileSync('${marker}','')}()"}`,
    `!!js/function 'function(){require("fs").writeFileSync("${marker}","")}()'`,
  ];
  for (const payload of payloads) {
    const stored = await postNote({ text: payload });
    assert.deepEqual(JSON.parse(String(stored.json()['seen'])), { text: payload });
    assert.ok([400, 415, 422].includes((await postNote(payload)).status));
    assertStatus(await postNote(payload, { 'content-type': 'application/yaml' }), 415, 'yaml');
  }
  assert.equal(existsSync(marker), false);
});

attack('Q419', 'only JSON is read', async () => {
  const count = seen.length;
  for (const type of [
    'application/x-java-serialized-object',
    'application/octet-stream',
    'text/plain',
    'application/jsonp',
    'application/json, text/plain',
  ]) {
    assertStatus(await postNote('{"text":"x"}', { 'content-type': type }), 415, type);
  }
  assert.equal(seen.length, count);
});

attack('Q419', 'code that makes code from data does not pass the build', () => {
  const unsafe = {
    'uses-eval': 'export const f = (text: string): unknown => eval(text);',
    'uses-function': 'export const f = (text: string): unknown => new Function(text);',
    'uses-vm': "import { runInNewContext } from 'node:vm';\nexport const f = (text: string): unknown => runInNewContext(text);",
    'loads-vm': "export const f = (): unknown => import('vm');",
    'passes-on': "export { unserialize } from 'node-serialize';",
    'uses-serialize': "import { unserialize } from 'node-serialize';\nexport const f = (text: string): unknown => unserialize(text);",
    'uses-v8': "import { deserialize } from 'node:v8';\nexport const f = (bytes: Buffer): unknown => deserialize(bytes);",
    'uses-v8-whole': "import v8 from 'node:v8';\nexport const f = (bytes: Buffer): unknown => v8.deserialize(bytes);",
  };
  const verdict = lint({ ...unsafe, safe: 'export const f = (text: string): unknown => JSON.parse(text);' });
  for (const name of Object.keys(unsafe))
    assert.ok(
      verdict.rulesOf(name).some((rule) => /no-eval|no-new-func|no-code-from-data/.test(rule)),
      name,
    );
  assert.deepEqual(verdict.rulesOf('safe'), []);
});

attack('Q419', 'production does not start with the back door to prototypes', () => {
  assert.match(readFileSync('package.json', 'utf8'), /"start": "[^"]*(?:--disable-proto=delete|scripts\/)/);
  const facts = processFacts({ ...app.context.config, NODE_ENV: 'production' });
  assert.equal(bootCheck({ ...facts, env: {}, execArgv: [] }).length, 1);
  assert.deepEqual(bootCheck({ ...facts, env: {}, execArgv: ['--disable-proto=delete'] }), []);
  assert.deepEqual(bootCheck({ ...facts, env: { NODE_OPTIONS: '--disable-proto=throw' }, execArgv: [] }), []);
});

// Q453

attack('Q453', 'an unknown key, nested or repeated, is refused', async () => {
  assertStatus(await postNote('{"deep":{"list":[{"role":"user"}]}}'), 200, 'control');
  const count = seen.length;
  assertStatus(await postNote('{"deep":{"list":[{"role":"user","admin":true}]}}'), 422, 'unknown');
  for (const body of [
    '{"text":"user","text":"admin"}',
    '{"deep":{"list":[{"role":"a","r\\u006fle":"b"}]}}',
    '{"text":"a","count":1,"text":"a:{}"}',
  ]) {
    assertStatus(await postNote(body), 400, body);
  }
  assert.equal(seen.length, count);
});

attack('Q453', 'values that change on their way are refused', async () => {
  assertStatus(await postNote('{"text":"\\u0041\\\\u0000","count":9007199254740991}'), 200, 'control');
  const count = seen.length;
  for (const body of [
    '{"text":"a\\u0000b"}',
    '{"count":1e999}',
    '{"count":-1e999}',
    '{"count":9007199254740993}',
    '{"text":"\\ud800"}',
    '{"\\u0000":1}',
  ]) {
    assertStatus(await postNote(body), 422, body);
  }
  assert.equal(seen.length, count);
});

attack('Q453', 'a value of another type is not made to fit', async () => {
  assertStatus(await postNote({ email: 'ada@example.org' }), 200, 'control');
  for (const body of [
    '{"email":{"$ne":null}}',
    '{"email":["ada@example.org"]}',
    '{"text":true}',
    '{"text":5}',
    '{"count":"5"}',
    '{"text":null}',
    '[]',
    '"x"',
    'null',
    '5',
  ]) {
    assertStatus(await postNote(body), 422, body);
  }
  assertStatus(await send(app, 'POST', '/fixture/notes'), 422, 'no body');
});

attack('Q453', 'what is not one JSON document in UTF-8 is refused', async () => {
  const utf16 = Buffer.from('\ufeff{"text":"x"}', 'utf16le');
  for (const bytes of [utf16, utf16.subarray(2), Buffer.from(utf16).swap16(), utf16.subarray(2).swap16()])
    assertStatus(await postNote(bytes), 415, bytes.toString('hex'));
  assertStatus(await postNote('{"text":"x"}', { 'content-type': 'application/json; charset=utf-16' }), 415, 'charset');
  assertStatus(await postNote('{"text":"x"}', { 'content-type': 'application/json; charset=latin1' }), 415, 'charset');
  for (const body of [
    '{"text":"x"} x',
    '{"text":"x"}{}',
    '{"text":"x",}',
    "{'text':'x'}",
    '{"text":"x"} // y',
    '',
    '{',
    '\ufeff{"text":"x"}',
    '{"count":NaN}',
    '{"text":"',
  ]) {
    assertStatus(await postNote(body), 400, body);
  }
  for (const bytes of ['c0af', 'ff', 'eda080']) {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from(bytes, 'hex'), Buffer.from('"}')]);
    assertStatus(await postNote(body), 400, bytes);
  }
  assertStatus(await postNote('{"text":"x"}'), 200, 'control');
});

attack('Q453', 'deep and large bodies are refused before they cost anything', async () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const body = Buffer.from(`${open.repeat(10_000)}1${close.repeat(10_000)}`);
    assert.equal(
      refusal(() => parseJson(body)),
      400,
    );
    assert.ok(cpuCost(() => refusal(() => parseJson(body))) < 100);
  }
  assertStatus(await postNote('['.repeat(10_000)), 400, 'depth');
  const limit = app.context.config.BODY_LIMIT_BYTES;
  const frame = '{"text":""}'.length;
  assertStatus(await postNote(`{"text":"${'x'.repeat(limit + 1 - frame)}"}`), 413, 'size');
  assertStatus(await postNote(`{"text":"${'x'.repeat(9000)}"}`), 200, 'control');
});

attack('Q453', 'a refusal names the place and the rule, never the value', async () => {
  app.log.clear();
  const bodies = [
    '{"email":"canary"}',
    '{"canary":1}',
    '{"deep":{"list":[{"canary":{"a":"canary"}}]}}',
    '{"text":["canary"]}',
    '{"text":"canary',
    '{"deep":{"canary":{"canary":1}}}',
  ];
  const answers = await Promise.all(bodies.map((body) => postNote(body)));
  const queries = await Promise.all(['canary=1', 'limit=canary', 'q=%zzcanary', 'limit=1&limit=canary'].map(getItems));
  for (const answer of [...answers, ...queries]) {
    assert.ok([400, 422].includes(answer.status));
    assert.doesNotMatch(answer.text + JSON.stringify(answer.rawHeaders), /canary/);
  }
  assert.doesNotMatch(app.log.text, /canary/);
  assert.deepEqual([answers[0]?.json()['path'], answers[0]?.json()['rule']], ['/body/email', 'format']);
});

attack('Q453', 'a name that the sender chose does not come back', () => {
  const parse = createCompileInput(app.clock)({
    body: Type.Record(Type.String(), closed({ a: Type.String() }), { additionalProperties: false }),
  });
  const raw = { params: {}, search: '' };
  assert.deepEqual(parse({ ...raw, body: { mine: { a: 'b' } } }), { body: { mine: { a: 'b' } } });
  assert.throws(
    () => parse({ ...raw, body: { canary: { a: 1 } } }),
    (error) => error instanceof Problem && error.extensions['path'] === '/body/*/a',
  );
});

// Q468

attack('Q468', 'what only looks like an address or a date is refused', async () => {
  for (const honest of ['a@b.co', "o'neil+tag@mail.example.org", `${'l'.repeat(64)}@example.org`])
    assert.equal(isEmail(honest), true, honest);
  const address = (length: number) => `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(length - 197)}.ff`;
  assert.deepEqual(
    [address(254), address(255)].map((full) => [full.length, isEmail(full)]),
    [
      [254, true],
      [255, false],
    ],
  );
  for (const hostile of [
    'a@',
    '@b.co',
    'a',
    'a@b',
    'a@@b.co',
    'a@b..co',
    '.a@b.co',
    'a@-b.co',
    'a@b.co\n',
    'a b@c.de',
    'a@127.0.0.1',
    'a@b.co,c@d.ef',
    `${'l'.repeat(65)}@example.org`,
    address(255),
  ]) {
    assertStatus(await postNote({ email: hostile }), 422, hostile);
  }
  const start = (day: string) => send(app, 'POST', '/fixture/bookings', { body: booking({ start: day, end: '2031-01-01' }) });
  for (const day of ['2023-02-30', '2023-13-01', '2023-02-29', '2023-00-10', '2023-2-1', '2023-02-01T00:00:00Z'])
    assertStatus(await start(day), 422, day);
  for (const day of ['2024-02-29', '2030-12-31']) assertStatus(await start(day), 200, day);
});

attack('Q468', 'a birthday that has not come is no birthday', async () => {
  const born = (birthDate: string) => send(app, 'POST', '/fixture/bookings', { body: booking({ birthDate }) });
  const today = new Date(app.clock.now());
  const day = (years: number, days: number) =>
    new Date(Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate() + days)).toISOString().slice(0, 10);
  assertStatus(await born(day(18, 0)), 200, 'exactly 18');
  const early = await born(day(18, 1));
  assertStatus(early, 422, 'a day short');
  assert.deepEqual([early.json()['path'], early.json()['rule']], ['/body/birthDate', 'minimum-age-18']);
});

attack('Q468', 'fields that contradict each other are refused', async () => {
  assertStatus(await send(app, 'POST', '/fixture/bookings', { body: booking({ country: 'DE', postcode: '10115' }) }), 200, 'control');
  for (const changes of [{ end: '2030-01-31' }, { country: 'DE' }, { postcode: '10115' }, { country: 'XX' }]) {
    assertStatus(await send(app, 'POST', '/fixture/bookings', { body: booking(changes) }), 422, JSON.stringify(changes));
  }
});

attack('Q468', 'rules that would not run do not boot', async () => {
  const inner = ruled(closed({ start: date(), end: date() }), [inOrder('start', 'end')]);
  assert.deepEqual(
    rulesOf(inner).map(({ name, says }) => [name, says]),
    [['start-before-end', '`end` is not before `start`.']],
  );
  await assert.rejects(startApp({ modules: [moduleWith({ body: closed({ inner }) })] }), /would not run/);
  await startApp({ modules: [moduleWith({ body: inner })] });
});

attack('Q468', 'no pattern of this app backtracks', async () => {
  const hostile = ['a', '1', '-', 'a@', 'a.', ' '].map((piece) => piece.repeat(Math.ceil(50_000 / piece.length)).concat('!'));
  for (const [name, check] of Format.Entries()) assertQuick(`format ${name}`, () => hostile.forEach((value) => check(value)));
  for (const pattern of app.context.routing.inventory.flatMap(({ input }) => Object.values(input).flatMap(patternsOf))) {
    assert.equal(patternRisk(pattern.expression), undefined, pattern.expression.source);
    assertQuick(pattern.expression.source, () => hostile.forEach((value) => pattern.expression.test(value.slice(0, pattern.maxLength))));
  }
  assertStatus(await postNote({ email: hostile[3] }), 422, 'over HTTP');
});

const assertQuick = (name: string, run: () => void): void => {
  assert.ok(cpuCost(run) < 50, name);
};

const patternsOf = (schema: object): { readonly expression: RegExp; readonly maxLength: number }[] => {
  const pattern = keyword(schema, 'pattern');
  const own =
    typeof pattern === 'string' ? [{ expression: patternOf({ source: pattern }), maxLength: Number(keyword(schema, 'maxLength')) }] : [];
  return [...own, ...childrenOf(schema).flatMap(([, child]) => patternsOf(child))];
};

const patternOf = (schema: { readonly source: string }): RegExp => new RegExp(schema.source, 'u');

attack('Q468', 'a pattern that can backtrack, or has no length cap, does not boot', async () => {
  const unsafe = ['^(a+)+$', '^(?:a|a)*$', '^(?:[a-z]+)*x$', '(.*)\\1', '^(?=a)a$', '^.*.*.*x$'];
  for (const pattern of unsafe)
    await assert.rejects(
      startApp({ modules: [moduleWith({ body: closed({ a: Type.String({ pattern, maxLength: 100 }) }) })] }),
      /not safe/,
      pattern,
    );
  await assert.rejects(startApp({ modules: [moduleWith({ body: closed({ a: Type.String({ pattern: '^a$' }) }) })] }), /no `maxLength`/);
  await assert.rejects(
    startApp({ modules: [moduleWith({ body: closed({ a: Type.String({ format: 'no-such-format' }) }) })] }),
    /nothing checks/,
  );
  await startApp({ modules: [moduleWith({ body: closed({ slug: Type.String({ pattern: '^[a-z]+(?:-[a-z]+)*$', maxLength: 100 }) }) })] });
});

attack('Q468', 'a search term is no pattern', async () => {
  const search = async (q: string): Promise<unknown> =>
    (await send(app, 'GET', `/fixture/search?q=${encodeURIComponent(q)}`)).json()['seen'];
  assert.equal(await search('PLAIN'), 'plain');
  assert.equal(await search('a.b'), 'a.b');
  assert.equal(await search('.*'), '');
  assert.equal(await search('(x+x+)+y'), '(x+x+)+y');
  assert.equal(await search('['), '');
});

attack('Q468', 'code that makes patterns of user text does not pass the build', () => {
  const verdict = lint({
    raw: 'export const f = (term: string) => new RegExp(term);',
    glued: 'export const f = (term: string) => new RegExp(`^${term}`);',
    escaped: 'export const f = (term: string) => new RegExp(`^${RegExp.escape(term)}`);',
    fixed: "export const f = () => new RegExp('^a', 'u');",
  });
  for (const name of ['raw', 'glued']) assert.deepEqual(verdict.rulesOf(name), ['validation(no-unescaped-pattern)'], name);
  for (const name of ['escaped', 'fixed']) assert.deepEqual(verdict.rulesOf(name), [], name);
});

// G9

attack('G9', 'repeated, nested and unknown parameters are refused', async () => {
  assertStatus(await getItems('limit=1'), 200, 'control');
  const count = seen.length;
  for (const search of [
    'limit=1&limit=2',
    'limit[$gt]=',
    'q[]=1',
    '__proto__[x]=1',
    '__proto__=1',
    'constructor=1',
    'unknown=1',
    'limit=1&',
    'q=a&%71=b',
    'tag=1&tag=2&tag=3&tag=4',
  ]) {
    assertStatus(await getItems(search), 422, search);
  }
  assertStatus(await send(app, 'GET', '/fixture/private?any=1', { headers: as('alice') }), 422, 'no query declared');
  assert.equal(seen.length, count);
  assert.equal('x' in {}, false);
});

attack('G9', 'a number has one spelling and a range', async () => {
  assertStatus(await getItems('limit=100&ratio=0.25'), 200, 'control');
  for (const value of ['1e9', '1000000000', '-1', 'NaN', '0x10', '%205', '+5', '05', '5.0', '', 'Infinity', '1e1', '0', '٥'])
    assertStatus(await getItems(`limit=${encodeURI(value)}`), 422, value);
  for (const value of ['1e-1', '.5', '0x1', '1.5', '-0.5']) assertStatus(await getItems(`ratio=${value}`), 422, value);
  for (const value of ['1', 'TRUE', 'yes', '']) assertStatus(await getItems(`exact=${value}`), 422, value);
});

attack('G9', 'broken encoding is refused, and a query has an end', async () => {
  assertStatus(await getItems('q=%C3%A9'), 200, 'control');
  for (const search of ['q=%zz', 'q=%00', 'q=%c0%ae', 'q=%', 'q=%ff', '%00=1', 'q=%ed%a0%80'])
    assertStatus(await getItems(search), 400, search);
  const long = await getItems(`q=${'a'.repeat(9 * 1024)}`);
  assert.ok([414, 431].includes(long.status), long.text);
  const fields = new Map([['q', { repeatable: false, convert: (value: string) => value }]]);
  assert.equal(
    refusal(() => parseQuery(`q=${'a'.repeat(MAX_QUERY_BYTES - 2)}`, fields)),
    200,
  );
  assert.equal(
    refusal(() => parseQuery(`q=${'a'.repeat(MAX_QUERY_BYTES - 1)}`, fields)),
    414,
  );
  assert.equal(
    refusal(() => parseQuery('q=%00', fields)),
    400,
  );
});

attack('G9', 'no parameter of a path carries NUL', async () => {
  assertStatus(await send(app, 'GET', '/fixture/items/a'), 200, 'control');
  assertStatus(await send(app, 'GET', '/fixture/items/a%00b'), 400, 'NUL');
  const parse = createCompileInput(app.clock)({ params: closed({ id: text(10) }) });
  assert.equal(
    refusal(() => parse({ params: { id: 'a' }, search: '', body: undefined })),
    200,
  );
  assert.equal(
    refusal(() => parse({ params: { id: 'a\0b' }, search: '', body: undefined })),
    400,
  );
});

attack('G9', 'credentials in the query open nothing and are not logged', async () => {
  assertStatus(await send(app, 'GET', '/fixture/private', { headers: as('alice') }), 200, 'control');
  const count = seen.length;
  app.log.clear();
  for (const name of ['access_token', 'api_key', 'token', 'x-test-actor']) {
    const answer = await send(app, 'GET', `/fixture/private?${name}=canary-secret`);
    assert.ok([401, 422].includes(answer.status), name);
  }
  assert.equal(seen.length, count);
  assert.doesNotMatch(app.log.text, /canary-secret/);
  for (const name of ['access_token', 'api_key', 'password', 'jwt']) {
    await assert.rejects(startApp({ modules: [moduleWith({ query: closed({ [name]: Type.String() }) })] }), /credential/, name);
  }
});

attack('G9', 'text is decoded once', async () => {
  assert.equal((await getItems('q=%2541')).json()['seen'], '{"q":"%41"}');
  assert.equal((await send(app, 'GET', '/fixture/items/%2541')).json()['seen'], '%41');
});
