import type { BootCheck } from '#src/config.ts';
import { compileOrigins } from './origins.ts';

/** Refuses a list of origins that admits more than it names. */
export const bootCheck: BootCheck = ({ config }) => compileOrigins(config).problems; // protect: Q449 (compileOrigins(config).problems -> [])
