import type { BootCheck } from '#src/config.ts';

/** Refuses a start with a parser that forgives: what it forgives, a proxy reads otherwise (CWE-444). */
export const bootCheck: BootCheck = ({ config, env, execArgv }) => {
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const problems: string[] = [];
  // protect: Q443
  if (flags.some((flag) => flag.startsWith('--insecure-http-parser'))) problems.push('Node must not run with --insecure-http-parser');
  if (config.HEADERS_TIMEOUT_MS > config.REQUEST_TIMEOUT_MS) problems.push('HEADERS_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS');
  return problems;
};
