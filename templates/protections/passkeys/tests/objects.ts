import assert from 'node:assert/strict';
import type { TestApp } from '#tests/support/app.ts';
import { ownedObject } from '#tests/support/access-control/matrix.ts';
import { send } from '#tests/support/http.ts';
import { authenticatorOf, optionsIn } from '#tests/support/passkeys/ceremonies.ts';
import { signedIn } from '#tests/support/sessions/people.ts';

type Headers = Record<string, string>;

const person = async (app: TestApp): Promise<Headers> => (await signedIn(app)).ownHeaders();

const add = async (app: TestApp, headers: Headers): Promise<string> => {
  const options = optionsIn(await send(app, 'POST', '/auth/passkeys/registration/options', { headers }));
  const answer = await send(app, 'POST', '/auth/passkeys/registration', { headers, body: { credential: authenticatorOf(app).create(options) } });
  assert.equal(answer.status, 201, answer.text);
  return String(answer.json()['id']);
};

ownedObject({
  path: '/auth/passkeys/:id',
  people: async (app) => [await person(app), await person(app)],
  create: async (app, headers) => {
    // Another one that stays: the last is not removed.
    await add(app, headers);
    return { id: await add(app, headers) };
  },
  state: async (app, headers) => (await send(app, 'GET', '/auth/passkeys', { headers })).text,
  bodies: { 'PATCH /auth/passkeys/:id': { name: 'Taken' } },
});
