import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { withQuery } from './paths.ts';

/** What a page says of what was just done. The address names one of these and never brings a text of its own. */
const notices = {
  'signed-out': 'You are signed out.',
  verified: 'Your address is confirmed. Sign in now.',
  welcome: 'Your account is ready. Sign in now.',
  'password-set': 'Your password is set. Sign in with it.',
  'password-changed': 'Your password is changed, and your other devices are signed out.',
  'session-ended': 'The session has ended.',
  'sessions-ended': 'Your other sessions have ended.',
  'two-step-off': 'Two-step sign-in is off.',
  'passkey-removed': 'The passkey is removed.',
  confirmed: 'Thank you. Go on where you were.',
} as const;

export type Notice = keyof typeof notices;

export const noticeText = (name: string | undefined): string | undefined => Object.entries(notices).find(([known]) => known === name)?.[1];

/** The address of a page that will say so. */
export const saying = (notice: Notice, path: OwnPath): OwnPath => withQuery(path, { notice });
