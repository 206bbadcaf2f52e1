/**
 * What a piece of synchronous work costs: the least CPU time of five runs, ms. Wall-clock time would measure what else the
 * machine does.
 */
export const cpuCost = (run: () => unknown): number => Math.min(...Array.from({ length: 5 }, () => cpuOf(run)));

const cpuOf = (run: () => unknown): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
