import type { BootCheck } from '#src/config.ts';
import { findDebugSwitches, findDefaultLogins, findOpenLists, findPlaintextLinks, findWeakSecrets } from './unsafe-settings.ts';

/** Refuses what is fine on a developer's machine and a hole in production (CWE-1188). Outside of production nothing is refused. */
export const bootCheck: BootCheck = ({ config, env, execArgv }) => {
  if (config.NODE_ENV !== 'production') return [];
  return [
    ...findWeakSecrets(env),
    ...findDefaultLogins(env), // protect: Q421
    ...findPlaintextLinks(env),
    ...findOpenLists(env),
    ...findDebugSwitches(env, execArgv),
    ...(config.BASE_URL.startsWith('https://') ? [] : ['BASE_URL must start with https:// in production']), // protect: Q421
  ];
};
