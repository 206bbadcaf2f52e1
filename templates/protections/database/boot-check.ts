import type { BootCheck } from '#src/config.ts';

const noServer =
  'DATABASE_URL must name a PostgreSQL server: the embedded database may lose writes when the power fails (or ALLOW_EMBEDDED_DATABASE=on)';

export const bootCheck: BootCheck = ({ config }) => {
  if (config.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  // protect: Q401
  if (config.DATABASE_URL === undefined && !config.ALLOW_EMBEDDED_DATABASE) problems.push(noServer);
  if (config.PGLITE_SNAPSHOT !== undefined)
    problems.push('PGLITE_SNAPSHOT is for tests: a database that starts from a snapshot forgets everything');
  return problems;
};
