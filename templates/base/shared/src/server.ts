import { buildApp } from '#src/app.ts';
import { ConfigError, assertSafeStart, loadConfig, processFacts } from '#src/config.ts';
import { bootChecks } from '#src/protections/index.ts';

/** Starts the app, and stops it in order on SIGTERM and SIGINT. */
const start = async (): Promise<void> => {
  const config = loadConfig(process.env);
  assertSafeStart(bootChecks, processFacts(config));
  const app = await buildApp(config);
  const { log, events } = app.context;

  /** Lets the running requests finish; gives up after SHUTDOWN_GRACE_MS, so that a stuck one cannot hold the process. */
  const stop = async (reason: string, exitCode: number): Promise<void> => {
    log.info({ reason }, 'stopping');
    setTimeout(() => process.exit(1), config.SHUTDOWN_GRACE_MS).unref();
    await app.close();
    process.exit(exitCode);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal, 0));
  for (const failure of ['uncaughtException', 'unhandledRejection'] as const) { // protect: Q465
    process.once(failure, (error: unknown) => {
      // The state of the process is unknown now: finish what runs, then let the platform start a new one (CWE-248).
      log.fatal({ err: error }, failure);
      void stop(failure, 1);
    });
  }

  const port = await app.listen(config.HOST, config.PORT);
  events.emit('app.started', { port });
  log.info({ port }, 'listening');
};

start().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 1000).unref();
});
