import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { dirSync, setGracefulCleanup } from 'tmp-promise';
import { portOf } from './running-app.ts';

setGracefulCleanup();

/** A server beside the app. */
export interface Site {
  readonly port: number;
  close(): Promise<void>;
}

const listening = async (server: ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>, port = 0): Promise<Site> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A site whose every page has this body. */
export const siteWith = (body: () => string): Promise<Site> =>
  listening(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><title>Another site</title>${body()}`);
    }),
  );

/** A certificate for localhost that nobody has signed. */
const selfSigned = async (): Promise<{ readonly key: string; readonly cert: string }> => {
  const { name: folder } = dirSync({ prefix: 'certificate-', unsafeCleanup: true });
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  await execa('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert]);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
};

/** The proxy that stands in front of an app in production: speaks TLS to browsers, and says so to the app. */
export const tlsProxy = async (appPort: number): Promise<Site> =>
  listening(
    createTlsServer(await selfSigned(), (request, response) => {
      const headers = { ...request.headers, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' };
      const onward = httpRequest({ host: '127.0.0.1', port: appPort, method: request.method, path: request.url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    }),
  );
