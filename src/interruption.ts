import type { Stage } from './stage.ts';

/**
 * Ctrl-C and its kin: the tools that run are stopped, and what was prepared is removed. A second signal ends at once,
 * and still removes it.
 */
export const interruption = () => {
  const controller = new AbortController();
  let stage: Stage | undefined;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    if (controller.signal.aborted) {
      stage?.discard();
      process.exit(1);
    }
    controller.abort();
  };
  const release = (): void => {
    for (const name of signals) process.off(name, stop);
  };
  for (const name of signals) process.on(name, stop);
  const hold = (opened: Stage): void => {
    stage = opened;
  };
  return { signal: controller.signal, release, hold };
};
