import type { BootCheck } from '#src/config.ts';
import { destinationProblems } from './destination.ts';

/** Refuses lists that cannot be read, and in production a switch that makes every certificate good (CWE-295). */
export const bootCheck: BootCheck = ({ config, env }) => {
  const unverified = config.NODE_ENV === 'production' && env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0';
  return [
    ...destinationProblems(config),
    ...(unverified ? ['NODE_TLS_REJECT_UNAUTHORIZED must not be 0: partners could not be told from impostors'] : []), // protect: Q477
  ];
};
