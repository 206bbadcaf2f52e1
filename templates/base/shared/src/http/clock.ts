/** The two clocks of the app. Injected, so that a test can move time instead of waiting for it. */
export interface Clock {
  /** Wall-clock time in ms since the epoch. */
  now(): number;
  /** Milliseconds that never run backwards; for limits and durations. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
