import { pathProblem } from '../tree.ts';
import type { ImportEnding } from './inspect.ts';
import type { Runner } from './package-facts.ts';
import type { Style } from './style.ts';

/** Where what is brought to a repo stands there, and how it is written. Kept in the lock, so that an upgrade renders the same. */
export interface Placement {
  /** The folder of the code: `src/secure-app`. */
  readonly home: string;
  /** The folder of the tests: `test/secure-app`. */
  readonly tests: string;
  readonly suffix: '.test' | '.spec';
  readonly runner: Runner;
  readonly ending: ImportEnding;
  readonly style: Style;
  /** Where the app is made: `src/app.ts#buildApp`. */
  readonly app: string;
}

const runnerNames: readonly Runner[] = ['vitest', 'jest', 'mocha', 'tap', 'node:test'];
const endings: readonly ImportEnding[] = ['.js', '.ts', ''];

const oneOf = <T>(known: readonly T[], value: unknown): T | undefined => known.find((each) => each === value);

const folderOf = (value: unknown): string | undefined => (typeof value === 'string' && pathProblem(value) === undefined && !value.startsWith('.secure-app') ? value : undefined);

const memberOf = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  return member;
};

const styleFrom = (value: unknown): Style | undefined => {
  const quotes = oneOf(["'", '"'] as const, memberOf(value, 'quotes'));
  const eol = oneOf(['\n', '\r\n'] as const, memberOf(value, 'eol'));
  const indent = memberOf(value, 'indent');
  const semicolons = memberOf(value, 'semicolons');
  const finalNewline = memberOf(value, 'finalNewline');
  if (quotes === undefined || eol === undefined || typeof semicolons !== 'boolean' || typeof finalNewline !== 'boolean') return undefined;
  return typeof indent === 'string' && /^(?:\t| {1,8})$/.test(indent) ? { quotes, semicolons, indent, eol, finalNewline } : undefined;
};

/** Reads a placement out of a lock, which came with the repo; undefined when it is none. */
export const placementOf = (value: unknown): Placement | undefined => {
  const home = folderOf(memberOf(value, 'home'));
  const tests = folderOf(memberOf(value, 'tests'));
  const suffix = oneOf(['.test', '.spec'] as const, memberOf(value, 'suffix'));
  const runner = oneOf(runnerNames, memberOf(value, 'runner'));
  const ending = oneOf(endings, memberOf(value, 'ending'));
  const style = styleFrom(memberOf(value, 'style'));
  const app = memberOf(value, 'app');
  if (home === undefined || tests === undefined || suffix === undefined || runner === undefined || ending === undefined || style === undefined) return undefined;
  if (typeof app !== 'string') return undefined;
  const [file = '', name = '', ...more] = app.split('#');
  if (folderOf(file) === undefined || !/^[\w$]{1,100}$/.test(name) || more.length > 0) return undefined;
  return { home, tests, suffix, runner, ending, style, app };
};
