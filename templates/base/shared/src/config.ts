import { readEnv } from '#src/config/env.ts';
import { EnvReader } from '#src/config/reader.ts';

export type Config = Readonly<ReturnType<typeof readEnv>>;

/** What a boot check may look at besides the configuration. Injected, so that a check can be tested. */
export interface BootFacts {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly nodeVersion: string;
  /** Undefined where the system has no user ids. */
  readonly uid: number | undefined;
  /** The directory of the project. */
  readonly root: string;
}

/** Says in one sentence each what makes this start unsafe; names variables, never their values. */
export type BootCheck = (facts: BootFacts) => readonly string[];

/** The app must not start. `problems` holds one sentence for each reason. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the environment once.
 * @throws ConfigError that lists every problem at once.
 */
export const loadConfig = (env: BootFacts['env']): Config => {
  const reader = new EnvReader(env);
  const config = readEnv(reader);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
};

/**
 * Runs every boot check.
 * @throws ConfigError that lists every reason not to start.
 */
export const assertSafeStart = (checks: readonly BootCheck[], facts: BootFacts): void => {
  const problems = checks.flatMap((check) => check(facts));
  if (problems.length > 0) throw new ConfigError(problems);
};

/** The facts of this process. */
export const processFacts = (config: Config): BootFacts => ({
  config,
  env: process.env,
  execArgv: process.execArgv,
  nodeVersion: process.versions.node,
  uid: process.getuid?.(),
  root: new URL('..', import.meta.url).pathname,
});
