const firstMs = 30_000;
const longestMs = 12 * 60 * 60_000;

/**
 * How long to wait behind an attempt: four times as long after each, twelve hours at most, and somewhere in the second half of that,
 * so that what failed together does not come back together.
 * @param attempts 1 after the first.
 * @param random from 0 up to 1.
 */
export const pauseAfter = (attempts: number, random: number): number => {
  const pause = Math.min(longestMs, firstMs * 4 ** (attempts - 1)); // protect: W1 (firstMs * 4 ** (attempts - 1) -> firstMs)
  return Math.round(pause * (0.5 + random / 2)); // protect: W1 (0.5 + random / 2 -> 0.75)
};
