import type { Secret } from './render/env.ts';

/** `.env` of a new app: a fresh secret for each variable that needs one. The only thing that is not reproducible. */
export const mintEnvironment = (secrets: readonly Secret[]): string =>
  [
    '# Settings and secrets of this machine. Never committed; every setting is explained in .env.example.',
    ...secrets.map(({ name, bytes }) => `${name}=${process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('base64url')}`),
    '',
  ].join('\n');
