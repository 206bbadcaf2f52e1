import type { Response } from 'express';
import type { Binding } from '#src/http/binding.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { csrfOf } from '#src/protections/csrf/trust.ts';
import { type CorsOptions, checkOrigin, compileCors, readableBy, varyByOrigin } from './core.ts';

/** Says on every answer who may read it, and decides on requests of other origins before anything of them is read. */
export const cors = (options: CorsOptions): Binding => ({
  id: 'cors',
  requires: ['host-check'],
  install: (app, context) => {
    const policy = compileCors(context.config, [], options);
    csrfOf(context).trust((origin) => policy.origins.has(origin));
    const writeHead: unknown = Reflect.get(app.response, 'writeHead');
    if (typeof writeHead !== 'function') throw new TypeError('A response of Express writes no head.');
    // The last moment before the head leaves: whatever wrote the answer, and whatever Vary it brought.
    Object.defineProperty(app.response, 'writeHead', {
      configurable: true,
      writable: true,
      value: function (this: Response, ...head: unknown[]): unknown {
        const given = head.find(isTable);
        this.setHeaders(new Map(Object.entries({ ...given, ...readableBy(this.req.headers.origin, policy) })));
        this.setHeader('vary', varyByOrigin(this.getHeader('vary'))); // protect: Q449
        const sent: unknown = Reflect.apply(writeHead, this, head.filter((part) => part !== given));
        return sent;
      },
    });
    app.use((request, response, next) => {
      const verdict = checkOrigin(request, policy);
      if (verdict === undefined || verdict instanceof Problem) return next(verdict);
      return response.writeHead(204, { ...verdict.granted }).end();
    });
  },
});

const isTable = (part: unknown): part is Record<string, string | string[]> => typeof part === 'object' && part !== null && !Array.isArray(part);
