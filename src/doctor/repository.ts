import type { Target } from '../manifest.ts';

/** What is known of a repo as a whole. */
export interface Repository {
  readonly target: Target;
  readonly major: number;
  /** Every package that it depends on -> its range. */
  readonly packages: ReadonlyMap<string, string>;
  /** Names of packages, and `error handler`, that were found at work. */
  readonly present: ReadonlySet<string>;
  /**
   * What cannot be looked into: a package that nobody here knows and that is registered with the app, a file of another
   * package, a file of the server that was left out. While there is one, nothing is said to be missing.
   */
  readonly opaque: readonly string[];
  /** Whether any text of the repo matches: its source, its scripts, and the settings of a proxy that it brings. */
  readonly mentions: (pattern: RegExp) => boolean;
}
