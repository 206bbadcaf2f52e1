import type { BootCheck } from '#src/config.ts';
import { isOwnPath } from '#src/protections/host-check/own-path.ts';

/** A link in a mail must lead here and nowhere else. */
export const bootCheck: BootCheck = ({ config }) => (isOwnPath(config.PASSWORD_RESET_PAGE) ? [] : ['PASSWORD_RESET_PAGE must be a path of this app, such as /reset-password']);
