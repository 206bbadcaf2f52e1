import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { after } from 'node:test';
import { eicar } from './payloads.ts';

/** What a scanner that is not well does instead of giving a verdict. */
export type Manner = 'scan' | 'hang' | 'hang-up' | 'garbage' | 'too-large' | 'endless' | 'refuse-early';

const replies: Readonly<Record<Exclude<Manner, 'scan' | 'hang' | 'hang-up' | 'endless'>, string>> = {
  garbage: 'HTTP/1.1 200 OK\0',
  'too-large': 'INSTREAM size limit exceeded. ERROR\0',
  'refuse-early': 'stream: Can not allocate memory ERROR\0',
};

/** A clamd that knows one signature, and speaks INSTREAM as the real one does. */
export class FakeClamd {
  manner: Manner = 'scan';
  /** The files that it was sent whole. */
  readonly scanned: Buffer[] = [];
  /** Connections that hang, to be let go. */
  readonly hanging: Socket[] = [];
  readonly #server: Server = createServer((socket) => void this.#serve(socket).catch(() => undefined));

  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    after(() => {
      for (const socket of this.hanging) socket.destroy();
      this.#server.close();
    });
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the fake scanner does not listen');
    return `tcp://127.0.0.1:${address.port}`;
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    const { manner } = this;
    if (manner === 'hang-up') return void socket.destroy();
    if (manner === 'refuse-early') socket.write(replies[manner]);
    let received = Buffer.alloc(0);
    for await (const piece of socket) {
      received = Buffer.concat([received, piece instanceof Uint8Array ? piece : Buffer.alloc(0)]);
      const file = readInstream(received);
      if (file === undefined) continue;
      this.scanned.push(file);
      if (manner === 'hang') this.hanging.push(socket);
      else if (manner === 'endless') socket.write('x'.repeat(100_000));
      else socket.end(manner === 'scan' ? verdictOn(file) : replies[manner]);
    }
  }
}

const verdictOn = (file: Buffer): string => (file.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');

const command = 'zINSTREAM\0';

/** The file, when all of it has come. @throws Error for what clamd would not understand. */
const readInstream = (received: Buffer): Buffer | undefined => {
  if (received.length < command.length) return undefined;
  if (received.subarray(0, command.length).toString() !== command) throw new Error('no INSTREAM');
  const pieces: Buffer[] = [];
  let at = command.length;
  while (at + 4 <= received.length) {
    const length = received.readUInt32BE(at);
    if (length === 0) return Buffer.concat(pieces);
    if (at + 4 + length > received.length) return undefined;
    pieces.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
};
