import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { findContext } from '#src/protections/app-core/context.ts';
import type { HeaderPolicy, HeaderTable } from './core.ts';
import { directivesAdded } from './directives.ts';
import { nonceIfAsked } from './nonce.ts';

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

const CSP = 'content-security-policy';

/**
 * A response that carries the headers of `policy` whatever wrote it: a route, an error handler, the framework, or
 * Node itself. Adding them in a hook would leave out what is refused before that hook runs.
 * A header that is set already stays as it is; a policy that says nothing about framing is completed.
 */
export const createResponseClass = (policy: HeaderPolicy) =>
  class GuardedResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
    override writeHead(status: number, second?: string | Given, third?: Given): this {
      const given = typeof second === 'string' ? third : second;
      const table = tableFor(policy, this, given); // protect: B5, Q415 (tableFor(policy, this, given) -> {})
      const framed = completed(valueOf(this, given, CSP), table[CSP]);
      const own = framed === undefined || given === undefined || Array.isArray(given) ? given : { ...given, [CSP]: framed };
      if (typeof second !== 'string' && !Array.isArray(own) && this.getHeaderNames().length === 0) {
        // The common case of Fastify: one object for Node costs a third of a setHeader for each.
        return super.writeHead(status, { ...table, ...own });
      }
      if (framed !== undefined) this.setHeader(CSP, framed);
      for (const name in table) if (!this.hasHeader(name)) this.setHeader(name, table[name] ?? '');
      return typeof second === 'string' ? super.writeHead(status, second, own) : super.writeHead(status, own);
    }
  };

const valueOf = (response: ServerResponse, given: Given, name: string): unknown =>
  (given === undefined || Array.isArray(given) ? undefined : given[name]) ?? response.getHeader(name);

const tableFor = ({ api, document }: HeaderPolicy, response: ServerResponse, given: Given): HeaderTable => {
  const type = valueOf(response, given, 'content-type');
  if (typeof type !== 'string' || type.startsWith('application/json') || type.startsWith('application/problem+json')) return api;
  const context = findContext(response.req);
  return document(type, context && nonceIfAsked(context), context?.route?.framing, context && directivesAdded(context));
};

/** The policy that an answer brings itself, with who may frame it; undefined when there is nothing to add. */
const completed = (own: unknown, baseline = ''): string | undefined => {
  if (typeof own !== 'string' || own.includes('frame-ancestors')) return undefined;
  const framing = /; frame-ancestors [^;]*/.exec(baseline)?.[0] ?? '';
  return own + framing; // protect: Q415 (own + framing -> own)
};
