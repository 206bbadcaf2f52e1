import type { BootCheck } from '#src/config.ts';
import { isOwnPath } from '#src/protections/host-check/own-path.ts';

/** A link in a mail must lead here and nowhere else. */
export const bootCheck: BootCheck = ({ config }) =>
  (['VERIFY_EMAIL_PAGE', 'INVITATION_PAGE'] as const).flatMap((name) => (isOwnPath(config[name]) ? [] : [`${name} must be a path of this app, such as /welcome`]));
