import path from 'node:path';
import { type Target, targets } from '../src/manifest.ts';
import { allProtections, emitApp } from '../tests/emitted/emitted-app.ts';
import { median } from './measure.ts';
import { type Load, type Server, load, peakMemory, start, stop } from './servers.ts';

/**
 * `node bench/throughput.ts [rounds] [seconds]`: an emitted app with every protection against a bare server of the same
 * framework, same route, in turn; without and with its access log, which the bare server has not. The coarse limits are
 * raised, so that nothing is refused.
 */
const [rounds = '7', seconds = '3'] = process.argv.slice(2);

export const raisedLimits = { RATE_LIMIT_REQUESTS: '1000000', RATE_LIMIT_WINDOW_MS: '1000', MAX_REQUESTS_PER_SOCKET: '1000000' };
const question = { path: '/healthz' };

const measure = async (target: Target, accessLog: 'on' | 'off'): Promise<void> => {
  const app = emitApp(`bench-${accessLog}`, target, allProtections);
  const bare = await start(`bare ${target}`, import.meta.dirname, `bare-${target}.ts`, {});
  const emitted = await start(`emitted ${target}`, app.directory, path.join('src', 'server.ts'), { ...raisedLimits, ACCESS_LOG: accessLog });
  for (const server of [bare, emitted]) await load(server, question, 2);
  const runs: (readonly [Load, Load])[] = [];
  for (let round = 0; round < Number(rounds); round += 1) runs.push([await load(bare, question, Number(seconds)), await load(emitted, question, Number(seconds))]);
  console.log(`| ${[target, accessLog, ...cellsOf(runs), starts(bare, emitted), memories(bare, emitted)].join(' | ')} |`);
  stop(bare);
  stop(emitted);
};

const cellsOf = (runs: readonly (readonly [Load, Load])[]): string[] => [
  median(runs.map(([a]) => a.rps)).toFixed(0),
  median(runs.map(([, b]) => b.rps)).toFixed(0),
  median(runs.map(([a, b]) => b.rps / a.rps)).toFixed(2),
  median(runs.map(([a]) => a.microseconds)).toFixed(1),
  median(runs.map(([, b]) => b.microseconds)).toFixed(1),
  median(runs.map(([a, b]) => a.microseconds / b.microseconds)).toFixed(2),
];

const starts = (bare: Server, emitted: Server): string => `${bare.startMs.toFixed(0)} / ${emitted.startMs.toFixed(0)}`;
const memories = (bare: Server, emitted: Server): string => `${peakMemory(bare).toFixed(0)} / ${peakMemory(emitted).toFixed(0)}`;

const columns = ['target', 'access log', 'rps bare', 'rps app', 'rps app / bare', 'CPU µs bare', 'CPU µs app', 'CPU bare / app', 'start, ms, bare / app', 'peak MB, bare / app'];
console.log(`| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}`);
for (const target of targets) {
  for (const accessLog of ['off', 'on'] as const) await measure(target, accessLog);
}
