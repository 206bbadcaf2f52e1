import type { BootCheck } from '#src/config.ts';
import { systemClock } from '#src/http/clock.ts';
import { masterKeyProblems } from '#src/services/keys/open-master-key.ts';
import { legacyProblems } from './legacy/switches.ts';

/** No start without a master key worth its name, nor with a legacy format whose time is over. */
export const bootCheck: BootCheck = (facts) => [
  ...masterKeyProblems(facts), // protect: Q461
  ...legacyProblems(facts.config.LEGACY_FORMATS, systemClock.now()), // protect: Q469
];
