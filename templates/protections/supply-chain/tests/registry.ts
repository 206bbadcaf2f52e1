import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';

interface Published {
  readonly description: Readonly<Record<string, unknown>>;
  bytes: Buffer;
  readonly integrity: string;
}

/** A package registry on the loopback interface. */
export interface Registry {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Publishes version 1.0.0 of a package, long ago. */
  publish(name: string, more?: Readonly<Record<string, unknown>>): void;
  /** What a thief of the registry does: other bytes under a version that is known. */
  replace(name: string): void;
}

export const startRegistry = async (): Promise<Registry> => {
  const packages = new Map<string, Published>();
  const asked: string[] = [];
  const server = createServer(({ url: path = '' }, response) => {
    asked.push(path);
    const [, name = '', kind] = path.split('/');
    const found = packages.get(name);
    if (found === undefined) response.writeHead(404).end('{}');
    else if (kind === '-') response.end(found.bytes);
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(name, found)));
  });
  const packument = (name: string, { description, integrity }: Published) => ({
    name,
    'dist-tags': { latest: '1.0.0' },
    time: { created: '2020-01-01T00:00:00.000Z', '1.0.0': '2020-01-01T00:00:00.000Z' },
    versions: { '1.0.0': { ...description, dist: { integrity, tarball: `${url}${name}/-/${name}-1.0.0.tgz` } } },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The registry does not listen on a port.');
  const url = `http://127.0.0.1:${address.port}/`;
  return {
    url,
    asked,
    publish: (name, more = {}) => {
      const description = { name, version: '1.0.0', ...more };
      const files = { 'package.json': JSON.stringify(description), 'index.js': `module.exports = '${name}';\n` };
      const bytes = packed(files);
      packages.set(name, { description, bytes, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` });
    },
    replace: (name) => {
      const found = packages.get(name);
      if (found !== undefined) found.bytes = Buffer.concat([found.bytes, Buffer.from('\n')]);
    },
  };
};

/** What `npm pack` makes: a gzipped tar archive of a folder `package`. */
const packed = (files: Readonly<Record<string, string>>): Buffer =>
  gzipSync(Buffer.concat([...Object.entries(files).flatMap(([name, text]) => entry(`package/${name}`, Buffer.from(text))), Buffer.alloc(1024)]));

/** A file in a tar archive: a header of one block (POSIX ustar), and the content in whole blocks. */
const entry = (name: string, content: Buffer): Buffer[] => {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, '0');
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(octal(header.reduce((sum, byte) => sum + byte, 0), 7), 148);
  header.writeUInt8(0, 154);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
};
