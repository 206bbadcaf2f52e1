import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Ran, write } from './npm.ts';

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
  publish(name: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  /** What a thief of the registry does: other bytes under a version that is known. */
  replace(name: string): void;
}

export const startRegistry = async (folder: string, npm: (cwd: string, ...args: readonly string[]) => Promise<Ran>): Promise<Registry> => {
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
    publish: async (name, more = {}) => {
      const source = join(folder, name);
      mkdirSync(source);
      const description = { name, version: '1.0.0', ...more };
      write(source, { 'package.json': description, 'index.js': `module.exports = '${name}';\n` });
      const packed = await npm(source, 'pack', '--ignore-scripts');
      if (packed.code !== 0) throw new Error(packed.stderr);
      const bytes = readFileSync(join(source, `${name}-1.0.0.tgz`));
      packages.set(name, { description, bytes, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` });
    },
    replace: (name) => {
      const found = packages.get(name);
      if (found !== undefined) found.bytes = Buffer.concat([found.bytes, Buffer.from('\n')]);
    },
  };
};
