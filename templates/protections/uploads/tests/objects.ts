import { randomUUID } from 'node:crypto';
import { ownedObject } from '#tests/support/access-control/matrix.ts';
import { as } from '#tests/support/app.ts';
import { send } from '#tests/support/http.ts';
import { upload } from './form.ts';
import { plainPdf } from './payloads.ts';

ownedObject({
  path: '/api/v1/files/:id',
  people: async () => [as(randomUUID()), as(randomUUID())],
  create: async (app, headers) => {
    const answer = await upload(app, headers, { name: 'secret.pdf', type: 'application/pdf', bytes: plainPdf() });
    return { id: String(answer.json()['id']) };
  },
  state: async (app, headers, { id = '' }) => {
    const { status, text } = await send(app, 'GET', `/api/v1/files/${id}`, { headers });
    return `${status} ${text}`;
  },
  bodies: { 'POST /api/v1/files/:id/links': {} },
});
