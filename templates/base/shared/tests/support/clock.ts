import type { Clock } from '#src/http/clock.ts';

/** A clock that moves only when told to. */
export class TestClock implements Clock {
  #wall: number;
  #monotonic = 1_000_000;

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Time passes: both clocks move by `ms`. */
  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  /** Somebody sets the wall clock; no time passes. */
  setWall(now: number): void {
    this.#wall = now;
  }
}
