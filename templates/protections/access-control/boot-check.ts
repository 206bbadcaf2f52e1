import type { BootCheck } from '#src/config.ts';

export const bootCheck: BootCheck = ({ config }) => {
  const problems: string[] = [];
  // protect: Q463
  if (config.NODE_ENV === 'production' && config.DEV_IDENTITY) problems.push('DEV_IDENTITY must be off: it believes whoever says a name');
  if (config.INTERNAL_URL !== undefined && (config.INTERNAL_TOKEN ?? '').length < 32) {
    problems.push('INTERNAL_TOKEN must have 32 characters or more where INTERNAL_URL opens the internal listener');
  }
  return problems;
};
