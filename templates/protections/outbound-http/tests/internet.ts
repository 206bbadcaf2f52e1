import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type Server, Socket, type TcpNetConnectOpts, createServer, isIP } from 'node:net';
import { after } from 'node:test';
import { networkOf } from '#src/protections/outbound-http/network.ts';
import type { TestApp } from '#tests/support/app.ts';
import { type Identity, selfSigned } from './certificate.ts';

/** A host of the internet, as far as a test can tell: https on loopback behind a name and a public address. */
export interface Host {
  readonly name: string;
  readonly address: string;
  /** What was asked of it, in order. */
  readonly requests: readonly { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
}

const readText = async (request: IncomingMessage): Promise<string> => {
  request.setEncoding('utf8');
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const listen = async (server: Server): Promise<number> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/**
 * The internet of a test. Names lead to the addresses that the test says; the addresses of its hosts lead to servers on
 * loopback; every other address, be it public, private or a cloud's metadata, leads to the canary. Nothing leaves the machine.
 */
export class Internet {
  /** Connections that reached an address where no host of the test is. */
  canaryHits = 0;
  /** How long retries waited, ms; no time passes. */
  readonly waits: number[] = [];
  random = 0.5;
  readonly #names = new Map<string, string[][]>();
  readonly #ports = new Map<string, number>();
  readonly #authorities: string[] = [];
  #canary = 0;

  /** Becomes the network of `app`, and ends with the test file. */
  static async of(app: TestApp): Promise<Internet> {
    const internet = new Internet();
    // It speaks no TLS: a connection is all it takes.
    const canary = createServer((socket) => {
      internet.canaryHits += 1;
      socket.destroy();
    });
    internet.#canary = await listen(canary);
    after(() => canary.close());
    const { resolve, connect, wait } = internet.#network();
    Object.assign(networkOf(app.context), { resolve, connect, wait, random: () => internet.random, authorities: internet.#authorities });
    return internet;
  }

  /** What a name resolves to: each answer once, the last for ever. */
  name(name: string, ...answers: readonly (readonly string[])[]): void {
    this.#names.set(name, answers.map((answer) => [...answer]));
  }

  /** Puts a host on the internet. `identity` when its certificate is not to be trusted, or is another's. */
  async host(name: string, address: string, listener: RequestListener, identity?: Identity): Promise<Host> {
    const trusted = identity ?? selfSigned([name]);
    if (identity === undefined) this.#authorities.push(trusted.cert);
    const requests: Host['requests'][number][] = [];
    const server = createHttpsServer({ ...trusted, keepAlive: true }, (request, response) => {
      const { method = '', url = '', headers } = request;
      const answer = async (): Promise<void> => {
        requests.push({ method, url, headers, body: await readText(request) });
        listener(request, response);
      };
      void answer();
    });
    this.#ports.set(address, await listen(server));
    this.name(name, [address]);
    after(() => {
      server.closeAllConnections();
      server.close();
    });
    return { name, address, requests };
  }

  #network() {
    const resolve = (hostname: string): Promise<readonly string[]> => Promise.resolve(this.#answer(hostname));
    const connect = (options: TcpNetConnectOpts): Socket => {
      const socket = new Socket();
      // As Node does: an IP address is never looked up, and a name by the system where the caller brings no lookup.
      const { host = '', lookup } = options;
      const reach = (addresses: readonly string[]): void => {
        // Any of them may be the one that is tried.
        const port = this.#ports.get(addresses.at(-1) ?? '') ?? this.#canary;
        socket.connect({ ...options, port, host: '127.0.0.1' });
      };
      if (isIP(host) !== 0) reach([host]);
      else if (lookup === undefined) reach(this.#answer(host));
      else {
        lookup(host, { all: true }, (_error, found: string | LookupAddress[]) =>
          reach(typeof found === 'string' ? [found] : found.map(({ address }) => address)),
        );
      }
      return socket;
    };
    const wait = (ms: number): Promise<void> => Promise.resolve(void this.waits.push(ms));
    return { resolve, connect, wait };
  }

  #answer(hostname: string): readonly string[] {
    const answers = this.#names.get(hostname) ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
  }
}
