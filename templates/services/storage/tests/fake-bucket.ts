import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

const accessKey = 'AKIDEXAMPLE';
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const region = 'eu-central-1';

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const credential = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** Whether a request is signed as AWS Signature Version 4 wants it, written down here a second time. */
const isSigned = ({ method = '', url = '', headers }: IncomingMessage): boolean => {
  const [, key, day = '', place = '', signed = '', signature] = credential.exec(headers.authorization ?? '') ?? [];
  if (key !== accessKey || place !== region || !['host', 'x-amz-date', 'x-amz-content-sha256'].every((name) => signed.split(';').includes(name))) return false;
  const [path = '', query = ''] = url.split('?', 2);
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}\n`);
  const request = [method, path, query, lines.join(''), signed, headers['x-amz-content-sha256']].join('\n');
  const time = String(headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', time, `${day}/${place}/s3/aws4_request`, createHash('sha256').update(request).digest('hex')].join('\n');
  const keyOfDay = [place, 's3', 'aws4_request'].reduce<Buffer>((all, part) => hmac(all, part), hmac(`AWS4${secret}`, day));
  return time.startsWith(day) && hmac(keyOfDay, text).toString('hex') === signature;
};

/** A bucket in the memory of a test, which answers only what is signed. */
export class FakeBucket {
  readonly objects = new Map<string, Buffer>();
  /** What it answers to everything, instead of what it should. */
  failing: number | undefined;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  /** @returns the value of STORAGE_URL. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    after(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the fake bucket does not listen');
    return `s3+http://${accessKey}:${encodeURIComponent(secret)}@127.0.0.1:${address.port}/bucket?region=${region}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece);
    const answer = (status: number, body?: Uint8Array, headers: Record<string, string> = {}): void => void response.writeHead(status, headers).end(body);
    const [, key] = /^\/bucket\/([^?]*)$/.exec(request.url ?? '') ?? [];
    if (this.failing !== undefined) return answer(this.failing, Buffer.from('<Error>canary-of-the-bucket</Error>'));
    if (key === undefined || !isSigned(request)) return answer(403);
    if (request.method === 'HEAD') return answer(200);
    if (request.method === 'PUT') {
      if (this.objects.has(key) && request.headers['if-none-match'] === '*') return answer(412);
      this.objects.set(key, Buffer.concat(pieces));
      return answer(200);
    }
    const found = this.objects.get(key);
    if (request.method === 'DELETE') {
      this.objects.delete(key);
      return answer(204);
    }
    if (found === undefined) return answer(404);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (first === undefined) return answer(200, found);
    return answer(206, found.subarray(Number(first), Number(last) + 1));
  }
}
