import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { after } from 'node:test';
import { portOf } from '#src/http/assemble.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A range API on this machine: says of each password how often it was seen. */
export class RangeStub {
  /** What it was asked: paths and headers. */
  readonly asked: { readonly path: string; readonly padding: string | undefined }[] = [];
  readonly #counts = new Map<string, number>();
  #answer: Answer | undefined;
  url = '';

  /** `password` stood in `count` leaks; 0: it is padding. */
  knows(password: string, count: number): void {
    this.#counts.set(hash('sha1', password).toUpperCase(), count);
  }

  /** What it does instead of answering as it should; undefined: as it should. */
  misbehave(answer: Answer | undefined): void {
    this.#answer = answer;
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => this.#serve(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    after(() => {
      server.closeAllConnections();
      server.close();
    });
    this.url = `http://127.0.0.1:${portOf(server)}/range/`;
    return this;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.push({ path, padding: String(request.headers['add-padding']) });
    if (this.#answer !== undefined) return this.#answer(request, response);
    const prefix = path.slice('/range/'.length);
    const found = [...this.#counts].filter(([digest]) => digest.startsWith(prefix)).map(([digest, count]) => `${digest.slice(5)}:${count}`);
    const padding = Array.from({ length: 3 }, (_, index) => `${hash('sha1', `${prefix}${index}`).slice(5).toUpperCase()}:0`);
    response.end([...padding, ...found].join('\r\n'));
  }
}
