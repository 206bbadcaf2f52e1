import { STATUS_CODES } from 'node:http';

export interface ProblemOptions {
  /** What went wrong, for the caller. Never a value they sent, never an internal detail. */
  readonly detail?: string;
  /** Response headers, for example `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members (RFC 9457 section 3.2), for example the path of an invalid field. */
  readonly extensions?: Readonly<Record<string, string | number | readonly string[]>>;
  /** For the log only. */
  readonly cause?: unknown;
  /** Close the connection after the answer: the rest of what the peer sends cannot be trusted. */
  readonly close?: boolean;
}

const isFailure = (status: number): boolean => Number.isInteger(status) && status >= 400 && status <= 599;

/**
 * The one way to refuse a request: thrown by handlers, returned by guards (RFC 9457).
 * @throws RangeError for a status that is not 4xx or 5xx: an abort that reports success hides a failure (G3).
 */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, string | number | readonly string[]>>;
  readonly close: boolean;

  constructor(status: number, options: ProblemOptions = {}) {
    const title = STATUS_CODES[status] ?? 'Error';
    super(options.detail ?? title, options.cause === undefined ? undefined : { cause: options.cause });
    if (!isFailure(status)) throw new RangeError(`A problem has a status from 400 to 599, not ${status}`); // protect: G3
    this.name = 'Problem';
    this.status = status;
    this.title = title;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
    this.close = options.close ?? false;
  }

  /** The name both frameworks read. */
  get statusCode(): number {
    return this.status;
  }

  /** The body of `application/problem+json`. */
  toJSON(): Record<string, unknown> {
    return {
      type: 'about:blank',
      title: this.title,
      status: this.status,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...this.extensions,
    };
  }
}
