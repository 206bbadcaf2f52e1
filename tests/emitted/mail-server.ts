import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { until } from './until.ts';

/** A mail as it came in. */
export interface ReceivedMail {
  readonly to: string;
  /** The text, decoded. */
  readonly text: string;
}

/** A mail server on loopback that takes everything and gives nothing on. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Returns the URL of the server. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The mail server has no port.');
    return `smtp://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.close();
  }

  to(address: string): ReceivedMail[] {
    return this.mails.filter((mail) => mail.to === address);
  }

  /** The newest mail to `address`, once there are `count` of them. */
  wait(address: string, count = 1): Promise<ReceivedMail> {
    return until(() => {
      const all = this.to(address);
      return all.length < count ? undefined : all.at(-1);
    });
  }

  #serve(socket: Socket): void {
    let rest = '';
    let to = '';
    let data: string[] | undefined;
    const answer = (line: string): void => void socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') return void data.push(line.replace(/^\.\./, '.'));
        this.mails.push({ to, text: decoded(data) });
        data = undefined;
        return answer('250 taken');
      }
      to = /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? to;
      if (/^QUIT/i.test(line)) return void socket.end('221 bye\r\n');
      if (!/^DATA/i.test(line)) return answer('250 well');
      data = [];
      answer('354 go on');
    };
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(take);
    });
    socket.on('error', () => socket.destroy());
    answer('220 ready');
  }
}

const decoded = (lines: readonly string[]): string => {
  const end = lines.indexOf('');
  const text = lines.slice(end + 1).join('\n');
  const isQuoted = lines.slice(0, end).some((line) => /^content-transfer-encoding: quoted-printable$/i.test(line));
  if (!isQuoted) return text;
  return text.replaceAll('=\n', '').replaceAll(/=([\dA-F]{2})/g, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
};
