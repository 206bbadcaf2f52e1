import type { BootCheck } from '#src/config.ts';

/** In production, JavaScript's back door to prototypes is taken off its hinges: `node --disable-proto=delete`. */
export const bootCheck: BootCheck = ({ config, env, execArgv }) => {
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  if (config.NODE_ENV !== 'production' || flags.some((flag) => /^--disable-proto=(?:delete|throw)$/.test(flag))) return [];
  return ['Start with `npm start`, or with `node --disable-proto=delete`: without it `__proto__` reaches prototypes.']; // protect: Q419
};
