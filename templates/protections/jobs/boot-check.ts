import type { BootCheck } from '#src/config.ts';
import { parseSender } from '#src/services/mailer/mail.ts';

export const bootCheck: BootCheck = ({ config }) => {
  const { NODE_ENV, SMTP_URL, MAIL_FROM, ALLOW_MAIL_OUTBOX, DATABASE_URL, DATABASE_POOL_SIZE, JOBS_CONCURRENCY } = config;
  const problems: string[] = [];
  if (SMTP_URL !== undefined && hasMoreThanServer(SMTP_URL)) problems.push('SMTP_URL must hold a server and a login, and no path or options');
  const sender = senderOf(MAIL_FROM);
  if (sender === undefined) problems.push('MAIL_FROM must be an address, or a name and <an address>');
  if (DATABASE_URL !== undefined && JOBS_CONCURRENCY >= DATABASE_POOL_SIZE) {
    problems.push('JOBS_CONCURRENCY must be less than DATABASE_POOL_SIZE: each job keeps a connection, and requests need some, too');
  }
  if (NODE_ENV !== 'production') return problems;
  if (SMTP_URL === undefined && !ALLOW_MAIL_OUTBOX) {
    problems.push('SMTP_URL must name a mail server: without it mails become files that nobody gets (or ALLOW_MAIL_OUTBOX=on)');
  }
  if (SMTP_URL !== undefined && sender?.endsWith('@localhost') === true) problems.push('MAIL_FROM must be an address of your domain');
  return problems;
};

const hasMoreThanServer = (text: string): boolean => {
  const { pathname, search, hash } = new URL(text);
  return !['', '/'].includes(pathname) || search !== '' || hash !== '';
};

const senderOf = (from: string): string | undefined => {
  try {
    return parseSender(from).address;
  } catch {
    return undefined;
  }
};
