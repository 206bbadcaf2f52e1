import type { TestEvent } from 'node:test/reporters';

/** What became of one test. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** `assertion`, `timeout`, or the kind of the error; empty when it passed. */
  readonly how: string;
  readonly message: string;
}

/** Sends the outcome of every test that ended to the process that started this one. */
export default async function* outcomes(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type === 'test:pass') await tell({ name: event.data.name, passed: true, how: '', message: '' });
    if (event.type === 'test:fail') await tell({ name: event.data.name, passed: false, ...describe(event.data.details.error) });
  }
  yield '';
}

const tell = (outcome: Outcome): Promise<void> =>
  new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error('Nobody listens: this reporter is for the removal run.'));
    else process.send(outcome, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });

const describe = (error: Error): Pick<Outcome, 'how' | 'message'> => {
  const cause = error.cause instanceof Error ? error.cause : error;
  const message = cause.message.split('\n')[0] ?? '';
  if ('failureType' in error && error.failureType === 'testTimeoutFailure') return { how: 'timeout', message };
  return { how: cause.name === 'AssertionError' ? 'assertion' : cause.name, message };
};
