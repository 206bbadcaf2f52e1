import type { BootCheck } from '#src/config.ts';

/** Refuses a start with a parser that forgives: what it forgives, a proxy reads otherwise (CWE-444). */
export const bootCheck: BootCheck = ({ env, execArgv }) => {
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return flags.some((flag) => flag.startsWith('--insecure-http-parser')) ? ['Node must not run with --insecure-http-parser'] : [];
};
