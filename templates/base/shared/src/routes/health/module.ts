import Type from 'typebox';
import { Problem } from '#src/protections/app-core/problem.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import type { Service } from '#src/services/setup.ts';

const Status = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });

/** For the platform: alive, and ready to work. Neither says why not; the log does. */
export const health = defineModule({
  id: 'health',
  prefix: '/',
  routes: [
    route(
      { method: 'GET', path: '/healthz', access: 'public', input: {}, output: Status, summary: 'Is the process alive' },
      () => ok({ status: 'ok' }),
    ),
    route(
      { method: 'GET', path: '/readyz', access: 'public', input: {}, output: Status, summary: 'Can the process work' },
      async ({ app }) => {
        const services: readonly Service[] = Object.values(app.services);
        const results = await Promise.allSettled(services.map((service) => service.ready()));
        const failed = results.filter((result) => result.status === 'rejected');
        for (const { reason } of failed) app.log.error({ err: reason }, 'a service is not ready');
        if (failed.length > 0) throw new Problem(503);
        return ok({ status: 'ok' });
      },
    ),
  ],
});
