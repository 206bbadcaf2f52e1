import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { type Actor, runInContext } from './context.ts';
import { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { Answer, Exchange, Input, InputSchemas, RawInput, Route, RouteModule, RoutePolicy, ShowProblem } from './route.ts';
import { joinPath } from './route.ts';

/** When a route guard runs, before the input is read. */
export const stages = ['session', 'csrf', 'identity', 'access', 'limit'] as const;
export type Stage = (typeof stages)[number];

type MaybePromise<T> = T | Promise<T>;

/** Decides on one request to one route: a Problem refuses it, nothing lets it pass. */
export type RouteGuard = (exchange: Exchange) => MaybePromise<Problem | undefined>;

/** Called once for each route at boot; returns its guard, or nothing. Throws when the route must not exist. */
export type GuardFactory = (policy: RoutePolicy, app: AppContext) => RouteGuard | undefined;

type Handle = (exchange: Exchange) => MaybePromise<Answer>;

/** Throws a Problem for an answer that must not be sent. */
export type AnswerInspector = (answer: Answer) => void;

/** Says who a request comes from, or nothing if it cannot tell. Throws a Problem for a forged or broken credential. */
export type IdentityProvider = (request: IncomingMessage) => MaybePromise<Actor | undefined>;

export interface RouteTools {
  /** @returns a parser that throws a Problem on input the schemas do not admit. */
  compileInput<I extends InputSchemas>(schemas: I): (raw: RawInput) => Input<I>;
  compileOutput(policy: RoutePolicy): (reply: Reply<unknown>, actor: Actor | undefined) => Answer;
  /** Reads a JSON document; `contentType` as the sender declared it. @throws Problem 400, 415 or 422. */
  parseJson(body: Buffer, contentType?: string): unknown;
}

/** Until a protection provides a tool, boot fails where it is needed: nothing is served unchecked. */
const missing = (tool: string, protection: string): never => {
  throw new Error(`Nothing provides ${tool}: the protection \`${protection}\` is not installed, or is installed too late.`);
};

const defaultTools: RouteTools = {
  compileInput: () => missing('compileInput', 'validation'),
  parseJson: () => missing('parseJson', 'validation'),
  compileOutput: () => (reply) => toAnswer(reply, JSON.stringify),
};

/** Turns a reply into bytes; `serialise` decides what of a JSON body leaves the app. */
export const toAnswer = <T>(reply: Reply<T>, serialise: (body: T) => string): Answer => {
  const { status, headers, json, text } = reply;
  if (text !== undefined) {
    const head = { status, headers: { 'content-type': text.type, ...headers } };
    return typeof text.text === 'string' ? { ...head, body: text.text } : { ...head, body: undefined, stream: text.text };
  }
  if (json === undefined) return { status, headers, body: undefined };
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: serialise(json) };
};

/** Where protections attach to routes, and where routes become functions. */
export class Routing {
  /** Asked in this order until one knows the caller. */
  readonly identities: IdentityProvider[] = [];
  #tools: RouteTools = defaultTools;
  readonly #factories: { readonly stage: Stage; readonly create: GuardFactory }[] = [];
  readonly #inspectors: AnswerInspector[] = [];
  readonly #moduleHooks: ((module: RouteModule) => void)[] = [];
  readonly #inventory: RoutePolicy[] = [];

  get tools(): RouteTools {
    return this.#tools;
  }

  /** Every compiled route, in the order of registration. */
  get inventory(): readonly RoutePolicy[] {
    return this.#inventory;
  }

  /** Replaces tools; called by bindings before any route is compiled. */
  provide(tools: Partial<RouteTools>): void {
    this.#tools = { ...this.#tools, ...tools };
  }

  /** Adds a guard to every route, present and future, of every module: no module can skip it (G6). */
  guard(stage: Stage, create: GuardFactory): void {
    this.#factories.push({ stage, create });
  }

  /** Looks at every answer of every route before it is sent; called by bindings before any route is compiled. */
  inspect(inspector: AnswerInspector): void {
    this.#inspectors.push(inspector);
  }

  /** Calls `hook` for every module before its routes are compiled, for what modules bring besides routes; called by bindings. */
  eachModule(hook: (module: RouteModule) => void): void {
    this.#moduleHooks.push(hook);
  }

  /** A module is about to be compiled. */
  announce(module: RouteModule): void {
    for (const hook of this.#moduleHooks) hook(module);
  }

  /**
   * Binds a route to the app behind its guards.
   * @throws Error when a guard factory or a tool refuses the route.
   */
  compile(route: Route, { prefix, guards: own = [], showProblem }: RouteModule, app: AppContext): CompiledRoute {
    const policy: RoutePolicy = { ...route.spec, fullPath: joinPath(prefix, route.spec.path) };
    const ofApp = stages.flatMap((stage) =>
      this.#factories.filter((factory) => factory.stage === stage).flatMap((factory) => factory.create(policy, app) ?? []),
    );
    const guards = [...ofApp, ...own];
    const handle = route.compile(policy, app, this.#tools);
    this.#inventory.push(policy);
    const guarded: Handle = (exchange) => runGuards(guards, 0, exchange, handle);
    const shown = showProblem === undefined ? guarded : showing(showProblem, app, guarded);
    const checked = this.#inspectors.length === 0 ? shown : inspectedBy(this.#inspectors, shown);
    const serve: Handle = (exchange) => {
      exchange.context.route = policy;
      return checked(exchange);
    };
    return { policy, serve: (exchange) => runInContext(exchange.context, () => serve(exchange)) };
  }
}

/** Runs the guards from `first` on, then the handler. Waits only where something has to be waited for: a promise costs. */
const runGuards = (guards: readonly RouteGuard[], first: number, exchange: Exchange, handle: Handle): MaybePromise<Answer> => {
  for (let index = first; index < guards.length; index += 1) {
    const verdict = guards[index]?.(exchange);
    if (verdict instanceof Promise) {
      return verdict.then((problem) => {
        if (problem !== undefined) throw problem;
        // The client left meanwhile: that is no failure, and nobody waits for what would be done now.
        if (exchange.context.ended) throw new Problem(499);
        return runGuards(guards, index + 1, exchange, handle);
      });
    }
    if (verdict !== undefined) throw verdict;
  }
  return handle(exchange);
};

const showing =
  (show: ShowProblem, app: AppContext, handle: Handle): Handle =>
  async (exchange) => {
    try {
      return await handle(exchange);
    } catch (error) {
      const reply = error instanceof Problem ? await show(error, { ...exchange, app }) : undefined;
      if (reply === undefined) throw error;
      return toAnswer(reply, JSON.stringify);
    }
  };

const inspectedBy =
  (inspectors: readonly AnswerInspector[], handle: Handle): Handle =>
  (exchange) => {
    const inspect = (answer: Answer): Answer => {
      for (const inspector of inspectors) inspector(answer);
      return answer;
    };
    const answer = handle(exchange);
    return answer instanceof Promise ? answer.then(inspect) : inspect(answer);
  };

export interface CompiledRoute {
  readonly policy: RoutePolicy;
  /** Answers a request; throws or rejects with a Problem. */
  readonly serve: Handle;
}
