/** What became of one test. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** `assertion`, `timeout`, or the kind of the error; empty when it passed. */
  readonly how: string;
  readonly message: string;
  /** How long it took. */
  readonly ms: number;
  /** Guards whose code ran in it, as `file:line`; known only where it was asked for. */
  readonly reached?: Reached;
}

export interface Reached {
  /** At least one token of these. */
  readonly partly: readonly string[];
  /** Each branch within these. */
  readonly wholly: readonly string[];
}

/** Whether a test of this name tries to break in. */
export const isAttack = (name: string): boolean => name.startsWith('attack ');

export const passed = (name: string, ms: number): Outcome => ({ name, passed: true, how: '', message: '', ms });

export const failed = (name: string, ms: number, error: unknown): Outcome => ({ name, passed: false, ...describe(error), ms });

const describe = (error: unknown): Pick<Outcome, 'how' | 'message'> => {
  if (!(error instanceof Error)) return { how: 'error', message: String(error) };
  const cause = error.cause instanceof Error ? error.cause : error;
  const message = cause.message.split('\n')[0] ?? '';
  if ('failureType' in error && error.failureType === 'testTimeoutFailure') return { how: 'timeout', message };
  return { how: cause.name === 'AssertionError' ? 'assertion' : cause.name, message };
};
