import type { BootCheck } from '#src/config.ts';
import { assertSafeMail } from '#src/services/mailer/mail.ts';

/** Where messages go is decided here and nowhere else. */
export const bootCheck: BootCheck = ({ config }) => {
  const { CONTACT_RECIPIENT: to, CONTACT_SUBJECT: subject, NODE_ENV, SMTP_URL } = config;
  if (!isSafe(to, subject)) return ['CONTACT_RECIPIENT must be one address without a name, and CONTACT_SUBJECT one line of at most 200 characters'];
  const goesOut = NODE_ENV === 'production' && SMTP_URL !== undefined;
  return goesOut && to.endsWith('@localhost') ? ['CONTACT_RECIPIENT must be an address that somebody reads'] : [];
};

const isSafe = (to: string, subject: string): boolean => {
  try {
    assertSafeMail({ to, subject, text: '' });
    return true;
  } catch {
    return false;
  }
};
