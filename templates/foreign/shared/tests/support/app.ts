import type { AppContext } from '#src/context.ts';
import type { Parts } from '#src/http/assemble.ts';
import { after } from '#tests/support/runner.ts';
import { TestClock } from '#tests/support/clock.ts';
import { listen } from '#tests/support/probe.ts';

export interface TestApp {
  readonly context: AppContext;
  readonly port: number;
  readonly clock: TestClock;
  /** What the protections logged: level and message, then the details. */
  readonly lines: readonly (readonly [level: string, message: string, details: object])[];
}

const open: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of open) await close();
});

/** Starts a small app that stands behind the protections of this repo, with a clock that stands still. Closed when the tests end. */
export const startApp = async (env: Readonly<Record<string, string>> = {}): Promise<TestApp> => {
  const clock = new TestClock();
  const lines: [string, string, object][] = [];
  const keep = (level: string) => (details: object, message: string): void => void lines.push([level, message, details]);
  const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  const parts: Parts = { env: { NODE_ENV: 'test', BASE_URL: 'http://app.test', ...env }, clock, log };
  const { context, port, close } = await listen(parts);
  open.push(close);
  return { context, port, clock, lines };
};
