import type { BootCheck } from '#src/config.ts';
import { secretProblems } from './secrets.ts';

/** No start with secrets that nobody can read, that count for ever, or that two senders share. */
export const bootCheck: BootCheck = ({ config }) => secretProblems(config.WEBHOOK_SECRETS);
