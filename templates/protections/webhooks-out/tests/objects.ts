import { ownedObject } from '#tests/support/access-control/matrix.ts';
import { send } from '#tests/support/http.ts';

ownedObject({
  path: '/api/v1/webhook-endpoints/:id',
  create: async (app, headers) => {
    const answer = await send(app, 'POST', '/api/v1/webhook-endpoints', { headers, body: { url: 'https://hooks.example.com/', events: ['webhook.test'] } });
    return { id: String(answer.json()['id']) };
  },
  state: async (app, headers, { id = '' }) => {
    const endpoint = await send(app, 'GET', `/api/v1/webhook-endpoints/${id}`, { headers });
    const deliveries = await send(app, 'GET', `/api/v1/webhook-endpoints/${id}/deliveries`, { headers });
    const row = await app.context.services.db.query.selectFrom('webhook_endpoints').select(['owner_id', 'secret', 'previous_secret', 'disabled_at']).where('id', '=', id).executeTakeFirst();
    return `${endpoint.status} ${endpoint.text} ${deliveries.text} ${JSON.stringify(row)}`;
  },
  bodies: {},
});
