import type { Binding } from '#src/http/binding.ts';
import { accessLog } from './access-log.ts';
import { logOptions } from './options.ts';

/** One log line for each request, and a log that keeps secrets to itself. */
export const logging = (): Binding => ({
  id: 'logging',
  requires: ['app-core'],
  log: logOptions,
  install: (app, context) => {
    if (!context.config.ACCESS_LOG) return;
    const observe = accessLog(context);
    app.addHook('onRequest', (request, reply, done) => {
      observe(request.raw, reply.raw);
      done();
    });
  },
});
