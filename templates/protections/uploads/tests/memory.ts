/** How much more memory this process held at its worst while `run` ran, bytes. Looked at again and again, from a timer. */
export const peakGrowth = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 20);
  try {
    await run();
    look();
    return peak - before;
  } finally {
    clearInterval(timer);
  }
};
