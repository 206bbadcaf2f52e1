import type { BootCheck } from '#src/config.ts';

export const bootCheck: BootCheck = ({ config }) => {
  if (config.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  if (config.DATABASE_URL === undefined && !config.ALLOW_EMBEDDED_DATABASE) { // protect: Q401
    problems.push('DATABASE_URL must name a PostgreSQL server: the embedded database may lose writes when the power fails (or set ALLOW_EMBEDDED_DATABASE=on)');
  }
  if (config.PGLITE_SNAPSHOT !== undefined) problems.push('PGLITE_SNAPSHOT is for tests: a database that starts from a snapshot forgets everything');
  return problems;
};
