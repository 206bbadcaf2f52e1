import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import { insertSession } from '#src/protections/sessions/store.ts';
import { ownedObject } from '#tests/support/access-control/matrix.ts';
import type { TestApp } from '#tests/support/app.ts';
import { send } from '#tests/support/http.ts';
import { signedIn } from './people.ts';

/** Two users in browsers of their own. */
const people = async (app: TestApp) => [await (await signedIn(app)).ownHeaders(), await (await signedIn(app)).ownHeaders()] as const;

const idOf = async (app: TestApp, headers: Record<string, string>): Promise<string> => String((await send(app, 'GET', '/api/v1/me', { headers })).json()['id']);

ownedObject({
  path: '/auth/sessions/:id',
  people,
  create: async (app, headers) => {
    const session = { userId: await idOf(app, headers), way: 'test', state: 'full', limitedTo: null, client: 'Elsewhere', address: '192.0.2.1' } as const;
    const { query } = app.context.services.db;
    const token = await insertSession(query, session);
    return query.selectFrom('sessions').select('id').where('token_hash', '=', digestOf(token)).executeTakeFirstOrThrow();
  },
  state: async (app, headers, { id = '' }) => String((await send(app, 'GET', '/auth/sessions', { headers })).text.includes(id)),
  bodies: {},
});

ownedObject({
  path: '/api/v1/devices/:id',
  people,
  create: async (app, headers) => {
    const hashes = () => digestOf(newToken());
    return app.context.services.db.query
      .insertInto('devices')
      .values({
        user_id: await idOf(app, headers),
        client_id: 'phone',
        name: 'A phone',
        code_hash: hashes(),
        family_hash: hashes(),
        refresh_hash: hashes(),
        access_hash: hashes(),
        access_until: new Date(0),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
  },
  state: async (app, headers) => (await send(app, 'GET', '/api/v1/devices', { headers })).text,
  bodies: {},
});
