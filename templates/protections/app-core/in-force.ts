import { perApp } from './per-app.ts';

/**
 * What is in force in this app because of its configuration, one sentence each. `npm run doctor` prints it, so that somebody sees
 * what an edit has opened. Protections add theirs when they are installed; never a secret.
 */
export const inForce = perApp((): string[] => []);
