import { send } from '#tests/support/http.ts';
import { ownedObject } from './matrix.ts';

ownedObject({
  path: '/api/v1/documents/:id',
  create: async (app, headers) => {
    const answer = await send(app, 'POST', '/api/v1/documents', { headers, body: { title: 'Of its owner', body: 'Secret' } });
    return { id: String(answer.json()['id']) };
  },
  state: async (app, headers, { id = '' }) => {
    const document = await send(app, 'GET', `/api/v1/documents/${id}`, { headers });
    const comments = await send(app, 'GET', `/api/v1/documents/${id}/comments`, { headers });
    return `${document.status} ${document.text} ${comments.text}`;
  },
  bodies: {
    'PUT /api/v1/documents/:id': { title: 'Taken', body: 'over' },
    'PATCH /api/v1/documents/:id': { title: 'Taken over' },
    'POST /api/v1/documents/:id/comments': { text: 'Was here' },
  },
});
