import assert from 'node:assert/strict';
import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { forms } from '#src/protections/validation/form.ts';
import { text } from '#src/protections/validation/formats.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';

const taken: unknown[] = [];
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);

const take = (path: string, body: ReturnType<typeof closed>) =>
  route({ method: 'POST', path, access: 'public', summary: 'Takes a form', input: { body }, output: closed({ count: Type.Integer() }) }, ({ input }) =>
    ok({ count: taken.push(input.body) }),
  );
const person = closed({ name: text(40), note: Type.Optional(Type.String({ maxLength: 40 })) });
const wide = closed(Object.fromEntries(names(101).map((name) => [name, Type.Optional(text(5))])));
const app = await startApp({
  modules: [
    defineModule({ id: 'forms', prefix: '/forms', reads: [forms], routes: [take('/person', person), take('/wide', wide)] }),
    defineModule({ id: 'no-forms', prefix: '/no-forms', routes: [take('/person', person)] }),
  ],
});

const post = (path: string, body: string, type = 'application/x-www-form-urlencoded'): Promise<Received> =>
  send(app, 'POST', path, { body, headers: { 'content-type': type } });

/** What a route was given, when it took the form. */
const given = async (path: string, body: string): Promise<unknown> => {
  const answer = await post(path, body);
  assert.equal(answer.status, 200, `${body}: ${answer.text}`);
  return taken.at(-1);
};

const assertRefused = async (status: number, path: string, body: string): Promise<void> => {
  const before = taken.length;
  const answer = await post(path, body);
  assert.equal(answer.status, status, `${body}: ${answer.text}`);
  assert.equal(taken.length, before, body);
};

benign('a form arrives with its spaces, signs and empty fields', async () => {
  assert.deepEqual(await given('/forms/person', 'name=Zo%C3%AB+M.&note='), { name: 'Zoë M.', note: '' });
  assert.deepEqual(await given('/forms/person', 'name=a%26b%3Dc%2B&note'), { name: 'a&b=c+', note: '' });
  assert.equal((await post('/forms/person', '{"name":"Ada"}', 'application/json')).status, 200);
});

attack('G9', 'a field that comes twice, also by another spelling of its name', async () => {
  assert.deepEqual(await given('/forms/person', 'name=Ada'), { name: 'Ada' });
  for (const body of ['name=Ada&name=Eve', 'name=Ada&n%61me=Eve', 'name=Ada&note=1&name=']) await assertRefused(422, '/forms/person', body);
});

attack('G9', 'more fields than a form has', async () => {
  const form = (count: number): string => names(count).map((name) => `${name}=1`).join('&');
  assert.deepEqual(await given('/forms/wide', form(100)), Object.fromEntries(names(100).map((name) => [name, '1'])));
  await assertRefused(422, '/forms/wide', form(101));
});

attack('G9', 'fields that nobody declared, nested ones, and those of every object', async () => {
  assert.deepEqual(await given('/forms/person', 'name=Ada'), { name: 'Ada' });
  for (const field of ['role=admin', 'name[$ne]=', 'name[]=Eve', '__proto__=1', '__proto__[admin]=1', 'constructor=1', '=1', '']) {
    await assertRefused(422, '/forms/person', `name=Ada&${field}`);
  }
  assert.equal('admin' in {}, false);
});

attack('G9', 'broken encoding and NUL in a form', async () => {
  assert.deepEqual(await given('/forms/person', 'name=%C3%A9'), { name: 'é' });
  for (const value of ['%zz', '%', '%ff', '%c0%ae', '%00', '%ed%a0%80']) await assertRefused(400, '/forms/person', `name=${value}`);
});

attack('G9', 'a form where none is expected', async () => {
  assert.equal((await post('/no-forms/person', '{"name":"Ada"}', 'application/json')).status, 200);
  await assertRefused(415, '/no-forms/person', 'name=Ada');
  const disguised = await post('/forms/person', 'name=Ada', 'text/plain');
  assert.equal(disguised.status, 415);
});
