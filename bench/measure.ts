import { spawnSync } from 'node:child_process';

/** One way to run a command. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** Undoes what a run left behind; not timed. */
  readonly reset?: () => void;
}

export interface Measured {
  readonly name: string;
  /** Median of the wall-clock time, ms. */
  readonly ms: number;
  /** Median of the ratio to the first contestant, run by run. */
  readonly timeRatio: number;
  /** Median of the peak resident memory, MB. */
  readonly mb: number;
  readonly memoryRatio: number;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Runs a command under GNU time, which knows the peak memory of a finished process. */
const runOnce = ({ name, command, reset }: Contestant): { readonly ms: number; readonly mb: number } => {
  const started = performance.now();
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%M', ...command], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const ms = performance.now() - started;
  reset?.();
  const kilobytes = Number(stderr.trim().split('\n').at(-1));
  if (status !== 0 || !(kilobytes > 0)) throw new Error(`${name} failed; GNU time must be at /usr/bin/time:\n${stderr}`);
  return { ms, mb: kilobytes / 1024 };
};

/** Runs all contestants in turn, `rounds` times, so that the drift of a shared machine meets all of them. */
export const compare = (contestants: readonly Contestant[], rounds: number): Measured[] => {
  for (const contestant of contestants) runOnce(contestant);
  const runs = Array.from({ length: rounds }, () => contestants.map(runOnce));
  const ratio = (index: number, figure: 'ms' | 'mb'): number => median(runs.map((round) => (round[index]?.[figure] ?? Number.NaN) / (round[0]?.[figure] ?? Number.NaN)));
  return contestants.map(({ name }, index) => ({
    name,
    ms: median(runs.map((round) => round[index]?.ms ?? Number.NaN)),
    timeRatio: ratio(index, 'ms'),
    mb: median(runs.map((round) => round[index]?.mb ?? Number.NaN)),
    memoryRatio: ratio(index, 'mb'),
  }));
};

export const printTable = (rows: readonly Measured[]): void => {
  console.log('| what | time, ms | time ratio | peak memory, MB | memory ratio |\n|---|---|---|---|---|');
  for (const { name, ms, timeRatio, mb, memoryRatio } of rows) {
    console.log(`| ${name} | ${ms.toFixed(1)} | ${timeRatio.toFixed(2)} | ${mb.toFixed(1)} | ${memoryRatio.toFixed(2)} |`);
  }
};
