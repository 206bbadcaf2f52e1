import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { findGuards, placeOf } from './guards.ts';
import type { Reached } from './outcome.ts';

interface Place {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Tells which guards run, by the coverage that V8 counts. Types are stripped to blanks: offsets are those of the source. */
export class Reach {
  readonly #root: string;
  readonly #places: ReadonlyMap<string, readonly Place[]>;
  readonly #session = new Session();

  constructor(root: URL) {
    this.#root = root.href;
    this.#places = placesIn(fileURLToPath(root));
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What ran since the last time. */
  take(): Reached {
    const partly: string[] = [];
    const wholly: string[] = [];
    for (const { url, functions } of this.#coverage()) {
      const places = url.startsWith(this.#root) ? this.#places.get(url.slice(this.#root.length).replace(/\?.*$/, '')) : undefined;
      for (const place of places ?? []) {
        const ranges = functions.flatMap((covered) => covered.ranges).filter(({ startOffset, endOffset }) => startOffset < place.end && place.start < endOffset);
        if (!hasRun(ranges, place.start)) continue;
        partly.push(place.name);
        if (ranges.every(({ count }) => count > 0)) wholly.push(place.name);
      }
    }
    return { partly, wholly };
  }

  stop(): void {
    this.#session.disconnect();
  }

  #coverage(): readonly Profiler.ScriptCoverage[] {
    let found: readonly Profiler.ScriptCoverage[] = [];
    // A session with the process itself answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => (found = result));
    return found;
  }
}

/** The innermost range around an offset tells. */
const hasRun = (ranges: readonly Profiler.CoverageRange[], offset: number): boolean => {
  const around = ranges.filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset);
  const [innermost] = around.toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
  return (innermost?.count ?? 0) > 0;
};

const placesIn = (root: string): Map<string, Place[]> => {
  const places = new Map<string, Place[]>();
  for (const [file, guards] of Map.groupBy(findGuards(root), (guard) => guard.file)) {
    const source = readFileSync(`${root}${file}`, 'utf8');
    places.set(file, guards.flatMap((guard) => {
      const place = placeOf(source, guard);
      return place === undefined ? [] : [{ name: `${file}:${guard.line}`, start: place.start, end: place.end }];
    }));
  }
  return places;
};
