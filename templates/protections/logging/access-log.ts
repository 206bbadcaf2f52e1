import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DestinationStream } from 'pino';
import type { AppContext } from '#src/context.ts';
import { contextOf } from '#src/protections/app-core/context.ts';

const infoLevel = 30;

/**
 * Collects the lines of one turn of the event loop and writes them together: a system call for each request would cost
 * more than the request's other checks.
 */
export class LineBuffer {
  #lines = '';
  readonly #destination: DestinationStream;

  constructor(destination: DestinationStream) {
    this.#destination = destination;
  }

  add(line: string): void {
    if (this.#lines === '') setImmediate(() => this.flush());
    this.#lines += line;
  }

  flush(): void {
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') this.#destination.write(lines);
  }
}

const quoted = (text: string | undefined): string => (text === undefined ? 'null' : JSON.stringify(text));

/**
 * Writes one line when the response of a request is over: method, route pattern, status, duration in ms, request id, actor
 * id. Formatted by hand; every value is the app's own or quoted. The URL is not there: it holds tokens (CWE-532).
 */
export const accessLog = ({ log, logDestination, clock }: AppContext): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const buffer = new LineBuffer(logDestination);
  return (request, response) => {
    if (log.levelVal > infoLevel) return;
    const context = contextOf(request);
    context.defer(() => {
      const route = quoted(context.route?.fullPath); // protect: Q417 (context.route?.fullPath -> request.url)
      const actor = quoted(context.actor?.id); // protect: Q417 (quoted(context.actor?.id) -> `"${context.actor?.id}"`)
      const took = Math.round((clock.monotonic() - context.startedAt) * 100) / 100;
      const aborted = response.writableFinished ? '' : ',"aborted":true';
      buffer.add(
        `{"level":${infoLevel},"time":${clock.now()},"id":"${context.id}","method":"${request.method}","route":${route},` +
          `"status":${response.statusCode},"ms":${took},"actor":${actor}${aborted},"msg":"request"}\n`,
      );
    });
  };
};
