import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { prepareServices } from '#tests/support/services.ts';
import { type Environment, prepareIn } from './run-tests.ts';
import { scratchCopy, scratchFolder } from './scratch.ts';

/** What one job works with. */
export interface Job {
  /** A copy of the project to break things in. */
  readonly copy: string;
  /** The environment for one run of tests, on services made anew. `broken` is the file from which a guard was taken. */
  prepared(broken?: string): Promise<Environment>;
}

/** Code that acts while the services are prepared: what is prepared with a guard in place would hide its removal. */
const actsEarly = /^src\/(services|schema)\/|\/migrations\//;

export const prepareJobs = async (root: string, count: number): Promise<Job[]> => {
  const cache = scratchFolder();
  const { NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
  return Array.from({ length: count }, (_, index) => {
    const copy = scratchCopy(root);
    const temporary = scratchFolder();
    const env = {
      ...inherited,
      NODE_COMPILE_CACHE: cache,
      TEST_DATABASE: `test_run_${Date.now()}_removal_${process.pid}_${index}`,
      // What a test that is cut short leaves behind goes with the copy.
      ...Object.fromEntries(['TMPDIR', 'TEMP', 'TMP'].map((name) => [name, temporary])),
    };
    const prepared = async (broken = ''): Promise<Environment> => {
      const folder = mkdtempSync(join(temporary, 'run-'));
      const variables = actsEarly.test(broken) ? await prepareIn(copy, folder, env) : await prepareServices({ env, folder });
      return { ...env, ...variables };
    };
    return { copy, prepared };
  });
};
