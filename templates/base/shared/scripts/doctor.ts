import { parseArgs } from 'node:util';
import { buildApp } from '#src/app.ts';
import { type BootFacts, type Config, ConfigError, loadConfig, processFacts } from '#src/config.ts';
import { inForce } from '#src/protections/app-core/in-force.ts';
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

interface Examination {
  readonly findings: readonly Finding[];
  /** What keeps no app from starting, but should be done some day. */
  readonly advice: readonly string[];
  /** What the configuration has opened or closed. */
  readonly inForce: readonly string[];
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { production: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const examination = await examine(values.production ? { ...process.env, NODE_ENV: 'production' } : process.env);
  const ok = examination.findings.length === 0;
  console.log(values.json ? JSON.stringify({ ok, ...examination }, null, 2) : inWords(examination));
  process.exitCode = ok ? 0 : 1;
};

const examine = async (env: BootFacts['env']): Promise<Examination> => {
  const config = readConfig(env);
  if (Array.isArray(config)) return { findings: config, advice: [], inForce: [] };
  const facts = { ...processFacts(config), env };
  const unsafe = bootChecks.flatMap((check) => check(facts)).map((problem) => ({ check: 'boot', problem }));
  const { findings, ...others } = await examineApp(config);
  return { findings: [...unsafe, ...findings], ...others };
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
const examineApp = async (config: Config): Promise<Examination> => {
  try {
    const app = await buildApp({ ...config, LOG_LEVEL: 'silent' });
    const services = Object.entries<Service>(app.context.services);
    const answers = await Promise.allSettled(services.map(async ([, service]) => service.ready()));
    const advice = await Promise.all(services.map(async ([, service]) => service.advice?.() ?? []));
    const sentences = inForce(app.context);
    await app.close();
    const findings = answers.flatMap((answer, index) =>
      answer.status === 'rejected' ? [{ check: `service ${services[index]?.[0] ?? ''}`, problem: reasonOf(answer.reason) }] : [],
    );
    return { findings, advice: advice.flat(), inForce: sentences };
  } catch (error) {
    return { findings: [{ check: 'start', problem: reasonOf(error) }], advice: [], inForce: [] };
  }
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inWords = ({ findings, advice, inForce: sentences }: Examination): string => {
  const problems = findings.map(({ check, problem }) => `${check}: ${problem}`);
  return [...(problems.length === 0 ? ['Nothing keeps this app from a safe start.'] : problems), ...advice, ...sentences].join('\n');
};

await main();
