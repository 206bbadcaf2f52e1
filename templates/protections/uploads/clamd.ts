import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type Socket, connect } from 'node:net';

/** The scanner gave no verdict: it is down, silent, or says something else. */
export class ScannerError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ScannerError';
  }
}

export interface Scanner {
  /** `tcp://host:port` or `unix:///path`. */
  readonly url: string;
  /** How long it may say nothing, and take nothing, ms. */
  readonly timeoutMs: number;
}

export type Verdict = { readonly isClean: true } | { readonly isClean: false; readonly signature: string };

const mostReply = 4096;

const open = (url: string): Socket => {
  const { protocol, hostname, port, pathname } = new URL(url);
  return protocol === 'unix:' ? connect(decodeURIComponent(pathname)) : connect(port === '' ? 3310 : Number(port), hostname.replace(/^\[|\]$/g, ''));
};

/** One reply, which ends with a NUL; what comes without one is cut off. */
const replyOn = (socket: Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      const end = text.indexOf('\0');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > mostReply) reject(new ScannerError('The scanner talks too much.'));
    });
    socket.on('error', (error) => reject(new ScannerError('The scanner cannot be reached.', error)));
    socket.on('close', () => reject(new ScannerError('The scanner hung up.')));
  });

const frame = (length: number): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return head;
};

/** Sends a file as frames of its length and its bytes; one without bytes is the end. */
const sendFile = async (socket: Socket, path: string, signal: AbortSignal): Promise<void> => {
  socket.write('zINSTREAM\0');
  for await (const piece of createReadStream(path)) {
    if (!(piece instanceof Uint8Array)) continue;
    socket.write(frame(piece.length));
    if (!socket.write(piece)) await once(socket, 'drain', { signal });
  }
  socket.write(frame(0));
};

/**
 * Has clamd scan a file (INSTREAM). Nothing but its OK is one: an error, silence and a limit of its own are not (CWE-636).
 * @throws ScannerError when there is no verdict.
 */
export const scan = async (path: string, { url, timeoutMs }: Scanner): Promise<Verdict> => {
  const socket = open(url);
  const done = new AbortController();
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('silence'))); // protect: Q414
  try {
    const reply = replyOn(socket);
    const sent = sendFile(socket, path, done.signal).then(() => reply);
    const text = await Promise.race([reply, sent]);
    const signature = /^stream: (.+) FOUND$/.exec(text)?.[1];
    if (signature !== undefined) return { isClean: false, signature };
    if (text !== 'stream: OK') throw new ScannerError(`The scanner said: ${text.slice(0, 100)}`); // protect: Q414
    return { isClean: true };
  } finally {
    done.abort();
    socket.destroy();
  }
};
