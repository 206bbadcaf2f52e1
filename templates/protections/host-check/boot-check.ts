import type { BootCheck } from '#src/config.ts';
import { hostProblems } from './core.ts';

/** Refuses lists of hosts and proxies that cannot be read, or that trust everybody. */
export const bootCheck: BootCheck = ({ config }) => hostProblems(config);
