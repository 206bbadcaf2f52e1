import type { IncomingMessage } from 'node:http';
import type { Static, TObject, TSchema } from 'typebox';
import type { Config } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import type { RequestContext } from './context.ts';
import type { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { RouteGuard, RouteTools } from './routing.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route. `internal` routes are served on the internal listener only.
 * There is no default: a route that does not say is refused at boot (Q463).
 */
export type Access = 'public' | 'user' | `role:${string}` | 'service' | 'internal';

/** The schemas of what a route takes. A part that is not named must be absent from the request. */
export type InputSchemas = { params?: TSchema; query?: TSchema; body?: TSchema };

/** What a handler gets: exactly the parts it declared, checked. */
export type Input<I extends InputSchemas> = Static<TObject<I>>;

/**
 * What a route says of itself. Every field without `?` must be said. Protections add what they read from it:
 * `declare module '#src/protections/app-core/route.ts' { interface RouteSpec<I, O> { readonly stepUp?: true } }`.
 */
export interface RouteSpec<I extends InputSchemas = InputSchemas, O extends TSchema = TSchema> {
  readonly method: Method;
  /** Below the prefix of its module, for example `/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly input: I;
  /** The closed schema of the answer; undeclared fields never leave the app (Q455). */
  readonly output: O;
  /** Schemas for roles that see more, by role. The first role of the actor that is listed wins. */
  readonly outputFor?: Readonly<Record<string, TSchema>>;
  /** Names of limits that apply besides the coarse one, see `docs/security/limits.md`. */
  readonly limits?: readonly string[];
  /**
   * What a request to it is believed by: the session cookie of a browser (unless said otherwise), the token of a native app, or
   * neither. A route reads one of them, so that what guards cookies cannot be sidestepped with a token, nor the other way round.
   */
  readonly credential?: 'session' | 'bearer' | 'none';
  /** What the route does, for the inventory. */
  readonly summary: string;
}

/** A route as the protections see it, with the whole path. */
export interface RoutePolicy extends RouteSpec {
  readonly fullPath: string;
}

export interface HandlerArguments<I extends InputSchemas> {
  readonly input: Input<I>;
  readonly context: RequestContext;
  readonly app: AppContext;
  readonly request: IncomingMessage;
}

export type Handler<I extends InputSchemas, O extends TSchema> = (given: HandlerArguments<I>) => Reply<Static<O>> | Promise<Reply<Static<O>>>;

/** The request as a route gets it, before any schema looked at it. */
export interface RawInput {
  readonly params: Readonly<Record<string, string>>;
  /** The query string without `?`, still encoded. */
  readonly search: string;
  /** Parsed JSON; undefined when there was no body. */
  readonly body: unknown;
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly raw: RawInput;
}

/** The answer of a route, ready to be sent. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; `content-type` is there whenever there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without a body, and for one that is streamed. */
  readonly body: string | undefined;
  readonly stream?: AsyncIterable<string | Uint8Array>;
}

export interface Route<I extends InputSchemas = InputSchemas> {
  readonly spec: RouteSpec<I>;
  /** Binds the handler to the app; throws when the route cannot be served safely. */
  compile(policy: RoutePolicy, app: AppContext, tools: RouteTools): (exchange: Exchange) => Answer | Promise<Answer>;
}

/**
 * How a module reads bodies that are no JSON. What it makes of them is what the schema of the route looks at. Without `read`
 * the body is left unread: the handler reads it from `request`, behind the guards, within limits of its own.
 */
export interface BodyReader {
  /** Tried on the content type in lower case, with its parameters: begins with `^` and ends with `\s*(?:;|$)`. */
  readonly types: RegExp;
  /** The largest body, in bytes; BODY_LIMIT_BYTES unless said. */
  readonly limit?: (config: Config) => number;
  /** @throws Problem for a body that is not acceptable. */
  readonly read?: (body: Buffer, contentType: string) => unknown;
}

/** A feature: a prefix and its routes, listed once in a registry. */
export interface RouteModule {
  readonly id: string;
  readonly prefix: string;
  /** Media types besides `application/json` whose bodies are JSON too, for example `application/csp-report`. */
  readonly consumes?: readonly string[];
  /** Readers of other media types, such as `forms` of `validation`; a type that none of them takes is refused. */
  readonly reads?: readonly BodyReader[];
  /** Guards of this module alone; they run behind those of the app. */
  readonly guards?: readonly RouteGuard[];
  /** For pages: how a refusal looks to a person. */
  readonly showProblem?: ShowProblem;
  readonly routes: readonly Route[];
}

/** Answers in the place of a Problem that a guard or a handler refused with; nothing leaves it to the app. */
export type ShowProblem = (problem: Problem, given: Exchange & { readonly app: AppContext }) => Reply<never> | undefined | Promise<Reply<never> | undefined>;

/** Declares a route. The types of `input` and `output` reach the handler. */
export const route = <I extends InputSchemas, O extends TSchema>(spec: RouteSpec<I, O>, handler: Handler<I, O>): Route<I> => ({
  spec,
  compile: (policy, app, tools) => {
    const parse = tools.compileInput(spec.input);
    const send = tools.compileOutput(policy);
    return ({ raw, context, request }) => {
      const input = parse(raw);
      const { actor } = context;
      const reply = handler({ input, context, app, request });
      return reply instanceof Promise ? reply.then((settled) => send(settled, actor)) : send(reply, actor);
    };
  },
});

const paths = new WeakMap<Route, string>();

/** Declares a module; from here on its routes know their whole path. */
export const defineModule = (module: RouteModule): RouteModule => {
  for (const listed of module.routes) paths.set(listed, joinPath(module.prefix, listed.spec.path));
  return module;
};

/**
 * The whole path of a route, with its placeholders, for example `/api/v1/documents/:id`.
 * @throws Error when no module lists the route.
 */
export const pathOf = (listed: Route): string => {
  const path = paths.get(listed);
  if (path === undefined) throw new Error(`No module lists the route ${listed.spec.method} ${listed.spec.path}.`);
  return path;
};

/** `/api` and `/` make `/api`; a module's root has no trailing slash. */
export const joinPath = (prefix: string, path: string): string => {
  const joined = `${prefix === '/' ? '' : prefix}${path === '/' ? '' : path}`;
  return joined === '' ? '/' : joined;
};
