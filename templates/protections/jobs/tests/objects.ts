import { enqueue } from '#src/protections/jobs/enqueue.ts';
import { defineJob } from '#src/protections/jobs/job.ts';
import { jobsOf } from '#src/protections/jobs/jobs.ts';
import { closed } from '#src/protections/validation/core.ts';
import { ownedObject } from '#tests/support/access-control/matrix.ts';
import { send } from '#tests/support/http.ts';

const nothing = defineJob({ type: 'matrix.nothing', payload: closed({}), run: async () => {} });

ownedObject({
  path: '/api/v1/jobs/:id',
  create: async ({ context }, headers) => {
    const jobs = jobsOf(context);
    if (jobs.find(nothing.type) === undefined) jobs.register(nothing);
    const [id = '', ...roles] = String(headers['x-test-actor']).split(' ');
    return { id: await enqueue(context.services.db.query, context, nothing, {}, { actor: { id, roles } }) };
  },
  state: async (app, headers, { id = '' }) => {
    const { status, text } = await send(app, 'GET', `/api/v1/jobs/${id}`, { headers });
    return `${status} ${text}`;
  },
  bodies: {},
});
