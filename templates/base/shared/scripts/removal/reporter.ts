import type { TestEvent } from 'node:test/reporters';
import { parseObject } from '#tests/support/json.ts';

/** What became of one test. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** `assertion`, `timeout`, or the kind of the error; empty when it passed. */
  readonly how: string;
  readonly message: string;
}

/** Reads what a run wrote. Throws when a line is no outcome. */
export const parseOutcomes = (text: string): Outcome[] => text.split('\n').flatMap((row) => (row === '' ? [] : [parseOutcome(row)]));

const parseOutcome = (row: string): Outcome => {
  const { name, passed, how, message } = parseObject(row);
  return { name: String(name), passed: passed === true, how: String(how), message: String(message) };
};

/** One JSON document a line for every test that ended. */
export default async function* outcomes(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:pass') yield line({ name: event.data.name, passed: true, how: '', message: '' });
    if (event.type === 'test:fail') yield line({ name: event.data.name, passed: false, ...describe(event.data.details.error) });
  }
}

const line = (outcome: Outcome): string => `${JSON.stringify(outcome)}\n`;

const describe = (error: Error): Pick<Outcome, 'how' | 'message'> => {
  const cause = error.cause instanceof Error ? error.cause : error;
  const message = cause.message.split('\n')[0] ?? '';
  if ('failureType' in error && error.failureType === 'testTimeoutFailure') return { how: 'timeout', message };
  return { how: cause.name === 'AssertionError' ? 'assertion' : cause.name, message };
};
