import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { Refusal, UsageError } from '../errors.ts';
import type { Ask, Reply } from './check.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isLoopback = (address: string): boolean => isIP(address) > 0 && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** A server on this machine. */
export interface LocalServer {
  readonly url: string;
  readonly ask: (ask: Ask) => Promise<Reply>;
}

/** Answers are read so far. */
const longestBody = 65_536;

/**
 * The server at `--url`. Its address is found once, and every request goes there: a name cannot lead elsewhere later.
 * @throws UsageError when it is no address of a server; Refusal when it is not this machine.
 */
export const localServer = async (given: string, timeoutMs = 5_000): Promise<LocalServer> => {
  const url = urlOf(given);
  const name = url.hostname.replaceAll(/^\[|\]$/g, '');
  const addresses = isIP(name) > 0 ? [name] : name === 'localhost' ? (await lookup(name, { all: true })).map(({ address }) => address) : [];
  const [address] = addresses;
  if (address === undefined || !addresses.every(isLoopback)) throw new Refusal(`--url ${given}: only a server on this machine is probed (http://127.0.0.1:3000).`);
  const port = Number(url.port === '' ? 80 : url.port);
  return { url: url.origin, ask: (ask) => send(ask, { address, port, host: url.host, timeoutMs }) };
};

const urlOf = (given: string): URL => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.username !== '' || url.password !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '') throw new UsageError(`--url ${given}: say where the server listens, such as http://127.0.0.1:3000`);
  return url;
};

interface Way {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly timeoutMs: number;
}

/** One request, on a connection of its own; redirects are not followed. @throws Refusal when there is no answer in time. */
const send = ({ method, path, headers = {}, body }: Ask, { address, port, host, timeoutMs }: Way): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(new Refusal(`The server at ${host} does not answer ${method} ${path}: ${error.message}`));
    const sent = request({ host: address, port, method, path, agent: false, headers: { Host: host, Accept: 'text/html, application/json;q=0.9, */*;q=0.1', ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = (): void => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer.rawHeaders), body: Buffer.concat(chunks).toString('utf8').slice(0, longestBody) });
        sent.destroy();
      };
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if ((length += chunk.length) > longestBody) finish();
      });
      answer.on('end', finish);
      answer.on('error', refuse);
    });
    const timer = setTimeout(() => sent.destroy(new Error(`nothing came for ${timeoutMs} ms`)), timeoutMs);
    sent.on('error', (error) => {
      clearTimeout(timer);
      refuse(error);
    });
    sent.end(body);
  });

const headersOf = (raw: readonly string[]): Reply['headers'] => {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) (headers[raw[index]?.toLowerCase() ?? ''] ??= []).push(raw[index + 1] ?? '');
  return headers;
};
