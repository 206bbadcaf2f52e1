import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, emitApp } from '../tests/emitted/emitted-app.ts';
import { type Server, cellsOf, loadInTurn, peakMemory, printHead, printRow, raisedLimits, start, stop } from './servers.ts';

/**
 * `node bench/throughput.ts [rounds] [seconds]`: emitted apps against a bare server of the same framework, same route, in turn;
 * with and without the access log, which the bare server has not.
 */
const [rounds = '9', seconds = '1'] = process.argv.slice(2);

/** What a server needs before anybody signs in: a request to a public route passes through all of it. */
const withoutAccounts = [
  'app-core',
  'headers',
  'host-check',
  'request-hygiene',
  'validation',
  'errors',
  'redirects',
  'logging',
  'database',
  'access-control',
  'rate-limit',
  'supply-chain',
  'file-permissions',
];

const apps = [
  { name: 'without accounts', protections: withoutAccounts, accessLog: 'off' },
  { name: 'without accounts', protections: withoutAccounts, accessLog: 'on' },
  { name: 'every protection', protections: allProtections, accessLog: 'off' },
  { name: 'every protection', protections: allProtections, accessLog: 'on' },
] as const;

const measure = async (target: Target): Promise<void> => {
  const bare = await start(`bare ${target}`, import.meta.dirname, `bare-${target}.ts`, {});
  const servers: Server[] = [bare];
  for (const [index, { name, protections, accessLog }] of apps.entries()) {
    const { directory } = emitApp(`throughput-${index}`, target, protections);
    servers.push(await start(`${target}, ${name}`, directory, path.join('src', 'server.ts'), { ...raisedLimits, ACCESS_LOG: accessLog }));
  }
  const question = { path: '/healthz' };
  const [ofBare = [], ...ofApps] = await loadInTurn(servers.map((server) => ({ server, question })), Number(rounds), Number(seconds));
  printRow([target, 'bare', '', ...cellsOf(ofBare, ofBare), ...costs(bare)]);
  for (const [index, { name, accessLog }] of apps.entries()) {
    const server = servers[index + 1];
    if (server !== undefined) printRow([target, name, accessLog, ...cellsOf(ofBare, ofApps[index] ?? []), ...costs(server)]);
  }
  for (const server of servers) stop(server);
};

const costs = (server: Server): string[] => [server.startMs.toFixed(0), peakMemory(server).toFixed(0)];

printHead(['target', 'app', 'access log', 'requests/s', 'to bare', 'CPU, µs', 'bare / app', 'start, ms', 'peak, MB']);
for (const target of targets) await measure(target);
