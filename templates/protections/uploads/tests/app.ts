import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type TestApp, startApp } from '#tests/support/app.ts';

/** An app with a storage of its own: what lies there afterwards came from its tests. */
export const startWithStorage = (env: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  startApp({ env: { STORAGE_DIR: join(process.env['STORAGE_DIR'] ?? 'data/files', randomUUID()), ...env } });
