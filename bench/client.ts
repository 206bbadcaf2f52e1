import { type Socket, connect } from 'node:net';

/** What is asked, again and again. */
export interface Question {
  readonly path: string;
  /** Makes it a POST. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks by `connections` at once for `seconds`, each one behind the other.
 *
 * A client for measuring servers must cost less than the server, or it is the client that is measured: this one writes a
 * message that is ready and reads the length of the answer, no more. It never sleeps: to wake a client costs the server
 * more than many a check, and the faster server, whose client has no time to sleep, would be spared that.
 * @returns the number of answers
 * @throws Error for an answer other than 200 or 204: what is measured would not be what is meant.
 */
export const ask = async (url: string, { path, body, headers = {} }: Question, connections: number, seconds: number): Promise<number> => {
  const { hostname, port, host } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host, ...length, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const message = Buffer.from(`${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`);
  const sockets: Socket[] = [];
  let answers = 0;
  let isOver = false;

  const open = (reject: (error: Error) => void): void => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => socket.write(message));
    let missing = 0;
    socket.on('data', (chunk) => {
      missing = (missing === 0 ? lengthOf(chunk) : missing) - chunk.length;
      if (Number.isNaN(missing)) reject(new Error(`${url}${path} answers ${chunk.toString('latin1')}`));
      if (missing !== 0 || isOver) return;
      answers += 1;
      socket.write(message);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${url} closed a connection.`)));
    sockets.push(socket);
  };
  const stayAwake = (): void => {
    if (!isOver) setImmediate(stayAwake);
  };

  try {
    await new Promise<void>((resolve, reject) => {
      for (let index = 0; index < connections; index += 1) open(reject);
      stayAwake();
      setTimeout(resolve, seconds * 1000);
    });
  } finally {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  }
  return answers;
};

/** The length of an answer, head and body, as its first bytes say; NaN for anything but a 204, or a 200 of known length. */
const lengthOf = (chunk: Buffer): number => {
  const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n') + 4).toString('latin1');
  if (head.startsWith('HTTP/1.1 204 ')) return head.length;
  const body = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  return head.startsWith('HTTP/1.1 200 ') ? head.length + Number(body) : Number.NaN;
};
