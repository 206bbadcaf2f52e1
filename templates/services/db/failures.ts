import { Problem } from '#src/protections/app-core/problem.ts';

/** SQLSTATE of what is not the fault of the caller and may work in a moment: a timeout, a lost server, a conflict of transactions. */
const transient = /^(?:57014|57P0[123]|53\w{3}|08\w{3}|25P03|40001|40P01|55P03)$/;
const lostConnection = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/;
const lostMessage =
  /connection terminated|timeout exceeded when trying to connect|encountered a connection error|not queryable|is closed|after calling end/i;

/**
 * Answers 503 for a database that is slow, busy or away; every other error stays what it is.
 * The cause is for the log: neither SQL nor the words of the server reach the caller.
 */
export const asProblem = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof Problem) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = transient.test(code) || lostConnection.test(code) || (code === '' && lostMessage.test(error.message));
  return known ? new Problem(503, { headers: { 'retry-after': '1' }, cause: error }) : error;
};
