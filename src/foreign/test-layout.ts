import { posix } from 'node:path';
import type { PackageFacts, Runner } from './package-facts.ts';
import { isTest } from './files.ts';
import type { Repo } from './repo.ts';

/** Where the repo keeps its tests, and how it names them. */
export interface TestLayout {
  readonly runner: Runner;
  /** For example `test`; below it ours get a folder of their own. */
  readonly folder: string;
  /** What stands between the name and `.ts`: `.test` or `.spec`. */
  readonly suffix: '.test' | '.spec';
  /** Whether there is a test already whose place and name could be followed. */
  readonly isKnown: boolean;
}

export const testLayoutOf = (repo: Repo, { runner, scripts }: PackageFacts): TestLayout => {
  const tests = repo.files('', 3_000).filter((path) => /[.-](?:test|spec)\.[cm]?ts$/.test(path) || (isTest(path) && /(?:^|\/)(?:tests?|__tests__)\/.*\.ts$/.test(path)));
  const script = scripts['test'] ?? '';
  const specs = tests.filter((path) => path.endsWith('.spec.ts')).length;
  const plain = tests.filter((path) => path.endsWith('.test.ts')).length;
  const suffix = specs > plain || (specs + plain === 0 && /\.spec\./.test(script)) ? '.spec' : '.test';
  const folder = tests.map((path) => /^(?:.*?\/)?(?:tests?|__tests__|spec)(?=\/)/.exec(path)?.[0]).find((each) => each !== undefined);
  const beside = tests.length > 0 ? posix.dirname(tests[0] ?? '') : undefined;
  const named = /(?:^|[\s"'])(?:\.\/)?(tests?|__tests__|src)\//.exec(script)?.[1];
  return { runner: runner ?? 'node:test', folder: folder ?? (beside === undefined || beside === '.' ? (named ?? (repo.hasFolder('tests') ? 'tests' : 'test')) : (beside.split('/')[0] ?? 'test')), suffix, isKnown: runner !== undefined };
};
