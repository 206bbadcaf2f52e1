import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, type Dispatcher } from 'undici';
import type { StorageKey } from './key.ts';
import type { ByteRange, FileStore } from './storage.ts';

interface Bucket {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** Ends with `/`. */
  readonly base: string;
}

/** `s3://key:secret@host[:port]/bucket?region=...`, with the bucket in the path as every S3 understands it. */
export const readBucketUrl = (text: string): Bucket => {
  const { protocol, username, password, host, pathname, searchParams } = new URL(text);
  if (username === '' || password === '' || !/^\/[a-z\d][a-z\d.-]{1,61}[a-z\d]\/?$/.test(pathname)) {
    throw new Error('STORAGE_URL must hold a key, a secret, a host and a bucket: s3://key:secret@host/bucket?region=eu-central-1');
  }
  return {
    accessKeyId: decodeURIComponent(username),
    secretAccessKey: decodeURIComponent(password),
    region: searchParams.get('region') ?? 'us-east-1',
    base: `${protocol === 's3:' ? 'https' : 'http'}://${host}${pathname.replace(/\/$/, '')}/`,
  };
};

interface Sent {
  readonly method: 'GET' | 'PUT' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
}

/** Files in a bucket. The bucket must not be public: files leave through this app, which asks who wants them. */
export const bucketStore = (url: string, { timeoutMs }: { readonly timeoutMs: number }): FileStore => {
  const { base, ...credentials } = readBucketUrl(url);
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } });

  /** Signed (AWS Signature Version 4): path, headers and time; of the body its length, since it is streamed. */
  const send = async (path: string, { method, headers = {}, body }: Sent): Promise<Dispatcher.ResponseData> => {
    const signed = await new AwsV4Signer({ ...credentials, service: 's3', method, url: base + path, headers, allHeaders: true }).sign();
    const { origin, pathname, search } = signed.url;
    return agent.request({ origin, path: pathname + search, method, headers: Object.fromEntries(signed.headers), body: body ?? null });
  };

  /** @throws Error that names the status, and nothing that the bucket said. */
  const expect = async (path: string, sent: Sent, statuses: readonly number[]): Promise<Dispatcher.ResponseData> => {
    const answer = await send(path, sent);
    if (statuses.includes(answer.statusCode)) return answer;
    await answer.body.dump();
    throw new Error(`The bucket answered ${answer.statusCode} to ${sent.method}.`);
  };

  return {
    async adopt(key, file) {
      const { size } = await stat(file);
      // A key is written once: a bucket that knows the condition keeps what is there.
      const headers = { 'content-length': String(size), 'content-type': 'application/octet-stream', 'if-none-match': '*' };
      const { body } = await expect(key, { method: 'PUT', headers, body: createReadStream(file) }, [200, 201]);
      await body.dump();
      await rm(file);
    },

    async *read(key: StorageKey, range?: ByteRange) {
      const headers = range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` };
      const { body } = await expect(key, { method: 'GET', headers }, [range === undefined ? 200 : 206]);
      for await (const piece of body) yield piece instanceof Uint8Array ? piece : new Uint8Array();
    },

    async remove(key) {
      const { body } = await expect(key, { method: 'DELETE' }, [200, 204, 404]);
      await body.dump();
    },

    async ready() {
      await (await expect('', { method: 'HEAD' }, [200])).body.dump();
    },

    close: () => agent.close(),
  };
};
