import { after } from 'node:test';
import { buildApp } from '#src/app.ts';
import { type Config, loadConfig } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import type { Parts } from '#src/http/assemble.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { TestClock } from '#tests/support/clock.ts';
import { LogCapture } from '#tests/support/log.ts';

export interface TestApp {
  readonly context: AppContext;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly clock: TestClock;
  /** What the app logged, one parsed line each. */
  readonly log: LogCapture;
  close(): Promise<void>;
}

export interface TestAppOptions extends Omit<Parts, 'clock' | 'logDestination'> {
  /** Environment variables on top of the defaults of a test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes after the environment was read, for what no variable may say. */
  readonly config?: Partial<Config>;
  readonly clock?: TestClock;
}

/** Signs a test request: `headers: as('alice')`, `headers: as('root', 'admin')`. Only test apps understand it. */
export const as = (id: string, ...roles: readonly string[]): Record<string, string> => ({ 'x-test-actor': [id, ...roles].join(' ') });

const testIdentity = ({ headers }: { readonly headers: Readonly<Record<string, string | string[] | undefined>> }): Actor | undefined => {
  const [id, ...roles] = String(headers['x-test-actor'] ?? '').split(' ');
  return id === undefined || id === '' ? undefined : { id, roles };
};

/**
 * Starts the app on a free port of the loopback interface, with a clock that stands still and a log that is kept.
 * Closed by itself when the test file ends.
 */
export const startApp = async ({ env = {}, config = {}, clock = new TestClock(), ...parts }: TestAppOptions = {}): Promise<TestApp> => {
  const log = new LogCapture();
  const settings = { ...loadConfig({ ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'debug', BASE_URL: 'http://app.test', ...env }), ...config };
  const app = await buildApp(settings, { ...parts, clock, logDestination: log, identities: [testIdentity, ...(parts.identities ?? [])] });
  const port = await app.listen('127.0.0.1', 0);
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    app.server.closeAllConnections();
    await app.close();
  };
  after(close);
  return { context: app.context, port, url: `http://127.0.0.1:${port}`, clock, log, close };
};
