import { parseArgs } from 'node:util';
import { buildApp } from '#src/app.ts';
import { type BootFacts, type Config, ConfigError, loadConfig, processFacts } from '#src/config.ts';
import { bootChecks } from '#src/protections/index.ts';
import type { Service } from '#src/services/setup.ts';

// Says all that would keep this app from a safe start: configuration, boot checks, order and policies, services and
// their schema. Serves nothing. It starts the services the way the app does.
const usage = 'npm run doctor -- [--production] [--json]';

interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly problem: string;
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { production: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const findings = await examine(values.production ? { ...process.env, NODE_ENV: 'production' } : process.env);
  console.log(values.json ? JSON.stringify({ ok: findings.length === 0, findings }, null, 2) : inWords(findings));
  process.exitCode = findings.length === 0 ? 0 : 1;
};

const examine = async (env: BootFacts['env']): Promise<Finding[]> => {
  const config = readConfig(env);
  if (Array.isArray(config)) return config;
  const facts = { ...processFacts(config), env };
  const unsafe = bootChecks.flatMap((check) => check(facts)).map((problem) => ({ check: 'boot', problem }));
  return [...unsafe, ...(await examineApp(config))];
};

const readConfig = (env: BootFacts['env']): Config | Finding[] => {
  try {
    return loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => ({ check: 'configuration', problem }));
    throw error;
  }
};

/** Builds the app as a start would, asks every service, and closes it again. */
const examineApp = async (config: Config): Promise<Finding[]> => {
  try {
    const app = await buildApp({ ...config, LOG_LEVEL: 'silent' });
    const services = Object.entries<Service>(app.context.services);
    const answers = await Promise.allSettled(services.map(async ([, service]) => service.ready()));
    await app.close();
    return answers.flatMap((answer, index) =>
      answer.status === 'rejected' ? [{ check: `service ${services[index]?.[0] ?? ''}`, problem: reasonOf(answer.reason) }] : [],
    );
  } catch (error) {
    return [{ check: 'start', problem: reasonOf(error) }];
  }
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inWords = (findings: readonly Finding[]): string =>
  findings.length === 0 ? 'Nothing keeps this app from a safe start.' : findings.map(({ check, problem }) => `${check}: ${problem}`).join('\n');

await main();
