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
  /** The directory that the app was started in. */
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

/** Names of stages that are no production; every other name, `staging` too, is one. */
const otherStages: readonly (string | undefined)[] = [undefined, '', 'development', 'test'];

/**
 * Reads the environment once.
 * @throws ConfigError that lists every problem at once.
 */
export const loadConfig = (env: BootFacts['env']): Config => {
  const stage = env['NODE_ENV'];
  const reader = new EnvReader(otherStages.includes(stage) ? env : { ...env, NODE_ENV: 'production' });
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
