/** What is known of the route of a request. The routes of this app are its own and say nothing of themselves. */
export interface RoutePolicy {
  readonly fullPath: string;
  /** Exact https origins whose pages may frame what it answers. */
  readonly framing?: readonly string[];
}

/** A response, ready to be sent. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}
