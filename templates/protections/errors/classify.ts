import { Problem } from '../app-core/problem.ts';

/** PostgreSQL conditions that are the caller's doing, or will pass (PostgreSQL, appendix A). Everything else is ours. */
const databaseConditions: Readonly<Record<string, number>> = {
  '22003': 422, // numeric value out of range
  '22021': 422, // text that the database cannot hold
  '22P05': 422,
  '23505': 409, // unique violation
  '23503': 409, // foreign key violation
  '23P01': 409, // exclusion violation
  '40001': 503, // serialization failure
  '40P01': 503, // deadlock
  '53300': 503, // too many connections
  '55P03': 503, // lock not available
  '57014': 503, // statement timeout
  '57P01': 503, // the database shuts down
  '57P02': 503,
  '57P03': 503, // the database starts
};

const connectionFailures = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Words of the database driver, whose connection errors carry no code. */
const connectionWords =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end)/;

/**
 * What the caller gets to know about a failure: its status, and nothing of its words (CWE-209).
 * A Problem says for itself what may be known; everything that is not understood is a 500.
 */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  return new Problem(status, { cause: error, close: status === 413 || status === 431 });
};

const statusOf = (error: unknown): number => {
  if (!(error instanceof Error)) return 500;
  const code = property(error, 'code');
  return requestFault(error, code) ?? databaseFault(error, code) ?? 500;
};

/** Faults that the framework found in the request. Any other error with a status speaks of somebody else's answer. */
const requestFault = (error: Error, code: unknown): number | undefined => {
  const status = property(error, 'statusCode') ?? property(error, 'status');
  const ofFramework =
    (typeof code === 'string' && code.startsWith('FST_')) || property(error, 'expose') === true || error instanceof URIError;
  return ofFramework && typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 500 ? status : undefined;
};

const databaseFault = (error: Error, code: unknown): number | undefined => {
  if (typeof code !== 'string') return connectionWords.test(error.message) ? 503 : undefined;
  if (connectionFailures.has(code)) return 503;
  if (typeof property(error, 'severity') !== 'string') return undefined;
  return code.startsWith('08') ? 503 : databaseConditions[code];
};

const property = (error: Error, name: string): unknown => {
  const value: unknown = Reflect.get(error, name);
  return value;
};
