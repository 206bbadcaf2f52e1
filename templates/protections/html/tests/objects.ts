import { ownedObject } from '#tests/support/access-control/matrix.ts';
import { send } from '#tests/support/http.ts';

ownedObject({
  path: '/documents/:id',
  create: async (app, headers) => {
    const answer = await send(app, 'POST', '/api/v1/documents', { headers, body: { title: 'Of its owner', body: 'Secret' } });
    return { id: String(answer.json()['id']) };
  },
  state: async (app, headers, { id = '' }) => {
    const { status, text } = await send(app, 'GET', `/documents/${id}`, { headers });
    return `${status} ${text}`;
  },
  bodies: {},
});
