/** What is no JSON: a page, a feed, a stored file. */
export interface TextBody {
  /** Text with its charset, for example `text/html; charset=utf-8`. */
  readonly type: string;
  /** At once, or piece by piece: what is made while it is sent needs no memory for the whole. */
  readonly text: string | AsyncIterable<string | Uint8Array>;
}

/** What a handler answers. */
export interface Reply<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON, filtered by the output schema of the route. */
  readonly json?: T;
  /** Sent as it is. */
  readonly text?: TextBody;
}

export const ok = <T>(json: T, headers: Readonly<Record<string, string>> = {}): Reply<T> => ({ status: 200, headers, json });

/** 201 with the path of what was created. */
export const created = <T>(location: string, json: T): Reply<T> => ({ status: 201, headers: { location }, json });

export const noContent = (): Reply<never> => ({ status: 204, headers: {} });

export const page = (html: string, status = 200): Reply<never> => ({
  status,
  headers: {},
  text: { type: 'text/html; charset=utf-8', text: html },
});
