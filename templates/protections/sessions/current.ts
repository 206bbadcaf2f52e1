import type { Actor, RequestContext } from '#src/protections/app-core/context.ts';
import type { SessionState } from './tables.ts';

/** The session of a browser. */
export interface Session {
  /** What lists show; the cookie is another secret. */
  readonly id: string;
  readonly userId: string;
  /** How it was opened, for example `password`. */
  readonly way: string;
  readonly state: SessionState;
  /** When its user last proved who they are. */
  readonly provenAt: Date;
  readonly createdAt: Date;
  /** True while that proof is fresh enough for what asks for a step-up. */
  readonly isFresh: boolean;
}

/** What is known of a session while it is open. */
export interface OpenSession {
  readonly session: Session;
  readonly actor: Actor;
  /** SHA-256 of the cookie. */
  readonly digest: Buffer;
  readonly data: Readonly<Record<string, unknown>>;
  readonly version: number;
}

const key: unique symbol = Symbol('session');

declare module '#src/protections/app-core/context.ts' {
  interface RequestContext {
    [key]?: OpenSession | undefined;
  }
}

/** The session of a request, half-open ones too; undefined when there is none, or when the route reads no cookie. */
export const sessionOf = (context: RequestContext): Session | undefined => context[key]?.session;

export const openSessionOf = (context: RequestContext): OpenSession | undefined => context[key];

export const setOpenSession = (context: RequestContext, open: OpenSession | undefined): void => {
  context[key] = open;
};
